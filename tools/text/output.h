// SPDX-License-Identifier: MIT
//
// What the tool writes. A reader that went away (heapmeter ps | head -1) ends the tool quietly; any other
// failure, such as a full disk, is an error. Each text is written whole or, into a file, not at all: a
// reading that found no room leaves no half a line behind those that did.
#pragma once

#include <string_view>

namespace heapmeter::cli::output {

struct ReaderGone {};

// Before any file is opened: it must not become a standard stream that whoever started us has closed. Reading
// and writing there goes on failing, and programs we start still find it closed.
void occupy_standard_fds();

// To standard output, without anything that would steer a terminal but our own colours; at once, unbuffered:
// a reading is worth most when it is fresh. Throws ReaderGone or UserError.
void write(std::string_view text);

// The same to any descriptor; 0, or the errno of what went wrong.
int write_to(int fd, std::string_view text);

// "heapmeter: TEXT" on standard error, printable, as one line. If that cannot be written there is nobody to
// tell; the exit code does.
void note(std::string_view text);

}  // namespace heapmeter::cli::output
