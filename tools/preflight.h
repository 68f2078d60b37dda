// SPDX-License-Identifier: MIT
//
// Whether a program can be metered, before it is started. What LD_PRELOAD cannot reach, or would break, is
// refused with its reason and the way out; what merely hides blocks from the meter is a note.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace heapmeter::cli {

// Each note a sentence for the user. Throws UserError when the program cannot be metered.
std::vector<std::string> preflight(const std::string &program, const std::filesystem::path &library);

}  // namespace heapmeter::cli
