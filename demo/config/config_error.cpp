// SPDX-License-Identifier: MIT
#include "config/config_error.h"

#include <fmt/core.h>

namespace demo {
namespace {

struct Describe {
  std::string operator()(const FileError &error) const {
    return fmt::format("cannot {} {}: {}; check that the path exists and that you may use it", error.step,
                       error.path.string(), error.code.message());
  }
  std::string operator()(const ParseError &error) const {
    return fmt::format("line {}: {} in '{}'; write KEY=VALUE, and # before a comment", error.line,
                       error.reason, error.text);
  }
  std::string operator()(const ValidationError &error) const {
    return fmt::format("{} cannot be '{}': {}", error.key, error.value, error.reason);
  }
};

}  // namespace

std::string describe(const ConfigError &error) { return std::visit(Describe{}, error); }

}  // namespace demo
