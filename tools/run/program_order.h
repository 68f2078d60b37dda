// SPDX-License-Identifier: MIT
//
// By what the programs of a run can be sorted; pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "run/tree.h"

namespace heapmeter::cli {

// "peak", "cpu" ...
std::vector<std::string> program_orders();
// Most first, but names in their order; what is not known comes last. By no order they stay as they are.
void sort_programs(Tree &tree, std::string_view order);

}  // namespace heapmeter::cli
