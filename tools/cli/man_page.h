// SPDX-License-Identifier: MIT
//
// heapmeter(1), from the verbs' own descriptions; pure.
#pragma once

#include <string>
#include <vector>

#include "cli/verb_sheet.h"

namespace heapmeter::cli {

std::string man_page(const std::vector<VerbSheet> &verbs);

}  // namespace heapmeter::cli
