// SPDX-License-Identifier: MIT
//
// Why a configuration could not be had: three ways to fail, told apart by type, each with what a person needs
// to put it right.
#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include "support/file.h"

namespace demo {

struct ParseError {
  std::size_t line;  // counted from 1
  std::string text;  // the line as written
  std::string reason;
};

struct ValidationError {
  std::string key;
  std::string value;
  std::string reason;
};

using ConfigError = std::variant<FileError, ParseError, ValidationError>;

// One line: what happened, with which value, and what to do.
std::string describe(const ConfigError &error);

}  // namespace demo
