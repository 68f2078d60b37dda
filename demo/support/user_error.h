// SPDX-License-Identifier: MIT
//
// The one exception the demo programs throw: a text for the person at the terminal that says what happened,
// with which value, and what to do next. It is caught once, in run_program.
#pragma once

#include <stdexcept>

namespace demo {

class UserError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace demo
