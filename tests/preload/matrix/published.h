// SPDX-License-Identifier: MIT
//
// The published tables must list exactly the rows there are: a row that is not published proves nothing to a
// reader, one that is no more would be a lie.
#pragma once

#include <string>

#include "row.h"

namespace heapmeter::testing::matrix {

// What is wrong with the group's table in MATRIX.md and its line in the README; "" when nothing is.
std::string fault_of_published(const Group &group);

}  // namespace heapmeter::testing::matrix
