// SPDX-License-Identifier: MIT
//
// One reading as a person reads it: a grouped block, pure. stat and the summary of run share its lines.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "readings/reading.h"
#include "text/terminal.h"

namespace heapmeter::cli {

// Human units, or exact integers.
struct Units {
  bool exact = false;

  std::string bytes(std::uint64_t amount) const;
  std::string count(std::uint64_t amount) const;
  std::string change(std::int64_t amount, bool of_bytes) const;  // +12, -3, 0
};

// "  label        text", the label dim; an empty label continues the line above.
std::string labelled(const Paint &paint, const std::string &label, const std::string &text);

// A range, where it is not exact and that shows.
std::string peak_text(const Reading &reading, const Units &units, int width = 10);
// In a narrow column: with a ~ before it where it is only known between what.
std::string peak_cell(const Reading &reading, const Units &units);
std::string meter_cost_text(const Reading &reading, const Units &units);
// A sentence about one block.
std::string fault_text(const Fault &fault, const Units &units);
// "none", or the counts; the first distinct faults follow as lines of their own.
std::string fault_lines(const Reading &reading, const Units &units, const Paint &paint);

std::string reading_block(const Reading &reading, const std::string &label,
                          std::optional<std::uint64_t> resident, const Units &units, const Paint &paint);

}  // namespace heapmeter::cli
