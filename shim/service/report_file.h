// SPDX-License-Identifier: MIT
//
// The report's way into the file system: to a path that the user chose, at the exit of a program that must
// not notice. Of several processes that end at once with one path the last has it, whole: a file is written
// beside and renamed. What is a link, is no regular file, or has no room beside is written where it is, as a
// shell's > would; a file that the program's own output goes to is added to through that.
//
// Nothing here waits for long, and no limit on files and no reader that has gone ends the process.
#pragma once

#include "base/text_buffer.h"

namespace heapmeter::report_file {

// 0, or minus the error number.
long write(const char *path, const TextBuffer &text) noexcept;
// Whether, of a program that has forbidden itself files by landlock, it failed though this user may write
// there. Not to be asked in a sandbox (seccomp).
bool is_shut_in(const char *path, long error) noexcept;
// Why not, for people.
const char *reason(long error) noexcept;

}  // namespace heapmeter::report_file
