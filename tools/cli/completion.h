// SPDX-License-Identifier: MIT
//
// Completion scripts for shells, from the verbs' own descriptions; pure.
#pragma once

#include <string>
#include <vector>

#include "cli/verb_sheet.h"

namespace heapmeter::cli {

std::string bash_completion(const std::vector<VerbSheet> &verbs);
std::string zsh_completion(const std::vector<VerbSheet> &verbs);

}  // namespace heapmeter::cli
