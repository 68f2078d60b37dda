// SPDX-License-Identifier: MIT
//
// Moments as the reader's clock shows them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heapmeter::cli::report {

std::string clock_text(std::int64_t time_ms);  // 14:02:10
std::string day_text(std::int64_t time_ms);    // 28 Nov 14:02:10
// 28 Nov 14:02:10 to 14:30:00, the day of the end only where it is another.
std::string span_text(std::int64_t from_ms, std::int64_t until_ms);

// Round moments from the one to the other, by the reader's clock, with so many spans between them at most;
// `text` is 23:00, with seconds where they lie nearer than minutes, and 15 Nov at midnight.
// There is one at least: `from_ms` where no moment is round.
struct Tick {
  std::int64_t time_ms;
  std::string text;
};
std::vector<Tick> ticks(std::int64_t from_ms, std::int64_t until_ms, int spans);

}  // namespace heapmeter::cli::report
