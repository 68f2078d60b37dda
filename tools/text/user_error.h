// SPDX-License-Identifier: MIT
//
// The one way a verb fails, and its exit codes: a UserError says what happened, with which value, and what to
// do next; dispatch prints it as the only line on stderr.
#pragma once

#include <stdexcept>
#include <string>

namespace heapmeter::cli {

inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kConditionFailed = 3;  // of --fail-if
// Of `run`, as env(1) has them.
inline constexpr int kNotExecutable = 126;
inline constexpr int kNotFound = 127;

class UserError : public std::runtime_error {
 public:
  explicit UserError(const std::string &text, int exit_code = kFailed)
      : std::runtime_error(text), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

}  // namespace heapmeter::cli
