// SPDX-License-Identifier: MIT
//
// A file that the user wants written: where his word says, as he could by a shell's ">", but all of it or
// nothing: what was there stays where there is no room for what comes.
#pragma once

#include <string>
#include <string_view>

namespace heapmeter::cli {

// Byte by byte. Throws UserError, which says by which option another place is chosen.
void save_file(const std::string &path, std::string_view bytes, const std::string &option);
// Throws the same where it would, as far as can be known before; nothing is written.
void check_saving(const std::string &path, const std::string &option);

}  // namespace heapmeter::cli
