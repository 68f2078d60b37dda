// SPDX-License-Identifier: MIT
//
// What all lists of code call a function; pure.
#pragma once

#include <string>

#include "symbols/frame.h"

namespace heapmeter::cli::flame {

// Printable; without result, parameters and arguments of templates.
std::string code_name(const symbols::Frame &frame);
// With the arguments, which tell instances of one template apart.
std::string code_name_with_arguments(const symbols::Frame &frame);

}  // namespace heapmeter::cli::flame
