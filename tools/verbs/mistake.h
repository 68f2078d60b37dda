// SPDX-License-Identifier: MIT
//
// What is wrong with a verb's command line, in words of our own: which word, and what would be right.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "verbs/command.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace heapmeter::cli {

// What may be given to an option that takes a value.
struct ValueKind {
  enum { kText, kNumber, kWholeNumber } type = kText;
  std::vector<std::string> choices = {};  // all there are, or none: anything
  bool again = false;                     // may be given more than once
};
using ValueKinds = std::map<const CLI::Option *, ValueKind>;

// The first mistake, or "". There is none where help is asked for.
std::string mistake_in(const CLI::App &parser, const std::string &usage, const ValueKinds &kinds,
                       const Arguments &arguments);

}  // namespace heapmeter::cli
