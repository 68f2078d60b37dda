// SPDX-License-Identifier: MIT
//
// Wrong calls in the words of C++; pure.
#pragma once

#include <string>

#include "readings/reading.h"

namespace heapmeter::cli {

// Of a kind of call: new_array is new[].
std::string call_text(const std::string &kind);
// "new[] released by free", without a size.
std::string wrong_call_text(const Fault &fault);

}  // namespace heapmeter::cli
