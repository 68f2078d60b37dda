// SPDX-License-Identifier: MIT
//
// Wrong calls in the words of C++; pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "readings/reading.h"

namespace heapmeter::cli {

// Of a kind of call: new_array is new[].
std::string call_text(const std::string &kind);
// "new[] released by free", without a size.
std::string wrong_call_text(const Fault &fault);
// Of the wrong call in that place of the list, "made at fill shop.cpp:41", "called at ...", as far as the
// JSON of the reading has them.
std::vector<std::string> wrong_places(const Reading &reading, std::size_t fault);
void add_wrong_places(Reading &reading, std::size_t fault, const std::string &made,
                      const std::string &called);

}  // namespace heapmeter::cli
