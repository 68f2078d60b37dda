// SPDX-License-Identifier: MIT
#include "text/expression.h"

#include <memory>

#include <ctype.h>
#include <regex.h>

namespace heapmeter::cli {

struct Expression::Compiled {
  regex_t automaton;
};

namespace {

bool refers_back(const std::string &text) {
  for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at + 2)) {
    if (at + 1 < text.size() && isdigit(static_cast<unsigned char>(text[at + 1])) != 0) return true;
  }
  return false;
}

}  // namespace

Expression::Expression(const std::string &text) : compiled_(nullptr) {
  if (text.find('\0') != text.npos || refers_back(text)) return;
  auto compiled = std::make_unique<Compiled>();
  if (regcomp(&compiled->automaton, text.c_str(), REG_EXTENDED | REG_NOSUB) == 0)
    compiled_ = compiled.release();
}

Expression::~Expression() {
  if (compiled_ == nullptr) return;
  regfree(&compiled_->automaton);
  delete compiled_;
}

bool Expression::is_in(const std::string &text) const {
  return regexec(&compiled_->automaton, text.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace heapmeter::cli
