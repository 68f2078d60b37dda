// SPDX-License-Identifier: MIT
//
// What a verb is. It fails by a UserError.
#pragma once

#include <string>
#include <vector>

#include "text/user_error.h"

namespace heapmeter::cli {

using Arguments = std::vector<std::string>;

struct Command {
  const char *name;
  const char *summary;
  int (*run)(const Arguments &arguments);
};

}  // namespace heapmeter::cli
