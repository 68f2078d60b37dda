// SPDX-License-Identifier: MIT
//
// Accounts of one process over time, a row each: as a person reads them, and as CSV.
#pragma once

#include <string>

#include "readings/account.h"
#include "text/table.h"
#include "views/reading.h"

namespace heapmeter::cli {

class AccountSeries {
 public:
  // Before the first row, and again when a terminal of so many lines (0: none) has scrolled it away.
  std::string header_when_due(const Units &units, const Paint &paint, int lines);
  std::string row(const Account &account, const Units &units) const;

 private:
  int rows_ = 0;
};

std::string account_csv_header();
std::string account_csv_row(double time, const Account &account);
double seconds_since_1970();

}  // namespace heapmeter::cli
