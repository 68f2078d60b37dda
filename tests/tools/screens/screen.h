// SPDX-License-Identifier: MIT
//
// A screen: what a verb shows of readings that were recorded. Each stands in a table of its room here, is
// drawn at 80, 120 and 200 columns, in UTF-8 and in ASCII, and compared with golden/screens/NAME.txt.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "views/site_view.h"

namespace heapmeter::testing {

struct Screen {
  std::string name;  // the verb, and what follows a _
  std::function<std::string(const cli::Look &)> drawn;
};

std::vector<Screen> screens_of_processes();
std::vector<Screen> screens_of_code();
std::vector<Screen> screens_of_runs();
std::vector<Screen> screens_of_top();

}  // namespace heapmeter::testing
