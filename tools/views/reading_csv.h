// SPDX-License-Identifier: MIT
//
// Readings as lines of CSV, one column a counter; pure. Columns are only ever added, at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "readings/rates.h"
#include "readings/reading.h"

namespace heapmeter::cli {

// `more`: columns that a verb adds, behind the others.
std::string csv_header(const std::vector<std::string> &more = {});
// `time` in seconds since 1970. What is not known is empty.
std::string csv_row(double time, const Reading &reading, std::optional<std::uint64_t> resident,
                    const std::optional<Rates> &rates, const std::vector<std::string> &more = {});

}  // namespace heapmeter::cli
