// SPDX-License-Identifier: MIT
//
// An account as a person reads it, and as JSON; pure. The rows are there for whoever draws them elsewhere.
#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "readings/account.h"
#include "views/reading.h"

namespace heapmeter::cli {

struct AccountRow {
  std::string label;  // "" ends a group
  std::int64_t bytes = 0;
  double from = 0, to = 0;  // the bar, in bytes of the scale below; nothing when equal
  std::string source;
};

struct AccountRows {
  std::vector<AccountRow> rows;
  double scale = 0;
};

AccountRows account_rows(const Account &account, const Units &units);
// Not wider than so many columns; 0 is as wide as it comes.
std::string account_text(const Account &account, const std::string &label, const Units &units,
                         const Paint &paint, bool utf8, int columns);
boost::json::object to_json(const Account &account);

}  // namespace heapmeter::cli
