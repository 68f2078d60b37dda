// SPDX-License-Identifier: MIT
//
// An extended regular expression, as grep -E takes it, looked for in names that anybody chose: by an
// automaton, whose time and stack no name can make grow without end. So without back references (\1), which
// are more.
#pragma once

#include <string>

namespace heapmeter::cli {

class Expression {
 public:
  explicit Expression(const std::string &text);
  ~Expression();
  Expression(const Expression &) = delete;
  Expression &operator=(const Expression &) = delete;

  bool good() const { return compiled_ != nullptr; }
  bool is_in(const std::string &text) const;

 private:
  struct Compiled;
  Compiled *compiled_;
};

}  // namespace heapmeter::cli
