// SPDX-License-Identifier: MIT
//
// Where libheapmeter.so is, and its place in LD_PRELOAD.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace heapmeter::cli::library {

// $HEAPMETER_LIBRARY, else in the build tree or the installation the tool is part of. Throws UserError when
// there is none, or none that LD_PRELOAD can name.
std::filesystem::path find();

// By which name children of another kind, of 32 bits or of musl, are not troubled by it, where it was built
// or installed with the folder for that (shim/preload_folder.sh); else its own.
std::filesystem::path for_every_child(const std::filesystem::path &library);

// The list without any libheapmeter.so; unchanged when there is none.
std::string remove_from(std::string_view list);
// By which name any libheapmeter.so is in the list, "" when none is; and what stands before that.
std::string named_in(std::string_view list);
std::vector<std::string> ahead_in(std::string_view list);
// The list with this library first, once.
std::string put_first(const std::filesystem::path &library, std::string_view list);

}  // namespace heapmeter::cli::library
