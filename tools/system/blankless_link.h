// SPDX-License-Identifier: MIT
//
// A name without blanks for a folder that has them, for lists of names between blanks.
#pragma once

#include <filesystem>
#include <optional>

namespace heapmeter::cli {

// A link to the folder, in a directory that is this user's alone, where programs of his have their sockets,
// too; it stays, since whatever is started by it may start others. Nothing where none can be made.
std::optional<std::filesystem::path> blankless_link(const std::filesystem::path &folder);

}  // namespace heapmeter::cli
