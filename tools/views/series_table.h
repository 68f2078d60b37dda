// SPDX-License-Identifier: MIT
//
// Readings of a process, or sums of a group, a row each under a header: as wide as the terminal is, columns
// that have no room left out; pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "readings/rates.h"
#include "readings/reading.h"
#include "text/table.h"
#include "views/reading.h"

namespace heapmeter::cli {

struct SeriesRow {
  const Reading *reading = nullptr;
  std::optional<std::uint64_t> resident = {};
  std::optional<Rates> rates = {};
  std::size_t processes = 1;
};

class SeriesTable {
 public:
  // `width`: 0 is as wide as it comes.
  SeriesTable(const Units &units, bool of_group, int width);
  std::string header() const;
  std::string row(const SeriesRow &row) const;

 private:
  Table table() const;
  Units units_;
  std::vector<std::size_t> columns_;  // places in the list of all
  bool narrow_ = false;
};

}  // namespace heapmeter::cli
