// SPDX-License-Identifier: MIT
//
// How wide letters are: one measure for tables, lines, labels and screens, whatever the locale; pure.
#pragma once

#include <cstddef>

namespace heapmeter::cli {

// How many columns of a terminal it takes: two of most Asian letters and pictures, none of marks above or
// below another. Of a control character one.
std::size_t letter_columns(char32_t code);

}  // namespace heapmeter::cli
