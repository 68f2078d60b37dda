// SPDX-License-Identifier: MIT
//
// The marks that are kept, as a table; pure, but for the local time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "readings/mark.h"
#include "views/site_view.h"

namespace heapmeter::cli {

struct KeptMark {
  std::string name, error;
  std::optional<Mark> mark;  // or the error
};

std::string marks_text(const std::vector<KeptMark> &all, const Look &look);

}  // namespace heapmeter::cli
