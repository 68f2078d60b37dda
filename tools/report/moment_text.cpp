// SPDX-License-Identifier: MIT
#include "report/moment_text.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace heapmeter::cli::report {
namespace {

// Before 1970, too.
std::int64_t seconds_of(std::int64_t time_ms) { return time_ms / 1000 - (time_ms % 1000 < 0 ? 1 : 0); }

std::string written(std::int64_t time_ms, const char *how) {
  const auto seconds = static_cast<time_t>(seconds_of(time_ms));
  tm parts = {};
  std::array<char, 64> text = {};
  if (localtime_r(&seconds, &parts) == nullptr) return "?";
  return {text.data(), strftime(text.data(), text.size(), how, &parts)};
}

// What a clock on the wall shows, as seconds since 1970 there; it may be set forward and back.
std::int64_t on_the_wall(std::int64_t seconds) {
  const auto time = static_cast<time_t>(seconds);
  tm parts = {};
  return localtime_r(&time, &parts) == nullptr ? seconds : seconds + parts.tm_gmtoff;
}

// The next time after this one when the clock shows a multiple of `step`. Where it is set between the two,
// the time is moved by as much; what the clock leaves out is passed over.
std::int64_t next_round(std::int64_t seconds, std::int64_t step) {
  const std::int64_t wall = on_the_wall(seconds);
  const std::int64_t past = (wall % step + step) % step;
  for (std::int64_t next = seconds - past + step;; next += step) {
    const std::int64_t shown = on_the_wall(next);
    if (shown % step == 0) return next;
    const std::int64_t moved = next - (shown - (wall + next - seconds));
    if (moved > seconds && on_the_wall(moved) % step == 0) return moved;
  }
}

std::string tick_text(std::int64_t seconds, bool with_seconds) {
  constexpr std::int64_t kDay = 86'400;
  const char *how = on_the_wall(seconds) % kDay == 0 ? "%e %b" : with_seconds ? "%H:%M:%S" : "%H:%M";
  const std::string text = written(seconds * 1000, how);
  return text.substr(text.front() == ' ' ? 1 : 0);
}

// Whether the clock had shown the same before it was set back; it may be set by half an hour.
bool is_shown_again(const std::vector<Tick> &earlier, std::int64_t seconds) {
  const std::int64_t shown = on_the_wall(seconds);
  return std::any_of(earlier.begin(), earlier.end(),
                     [&](const Tick &each) { return on_the_wall(each.time_ms / 1000) == shown; });
}

}  // namespace

std::string clock_text(std::int64_t time_ms) { return written(time_ms, "%H:%M:%S"); }
std::string day_text(std::int64_t time_ms) {
  return written(time_ms, "%e %b %H:%M:%S").substr(written(time_ms, "%e").front() == ' ' ? 1 : 0);
}

std::string span_text(std::int64_t from_ms, std::int64_t until_ms) {
  const bool same_day = written(from_ms, "%F") == written(until_ms, "%F");
  return day_text(from_ms) + " to " + (same_day ? clock_text(until_ms) : day_text(until_ms));
}

std::vector<Tick> ticks(std::int64_t from_ms, std::int64_t until_ms, int spans) {
  constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86'400;
  constexpr std::array kSteps = {
      std::int64_t{1}, std::int64_t{2}, std::int64_t{5}, std::int64_t{10}, std::int64_t{20}, std::int64_t{30},
      kMinute,         2 * kMinute,     5 * kMinute,     10 * kMinute,     20 * kMinute,     30 * kMinute,
      kHour,           2 * kHour,       3 * kHour,       6 * kHour,        12 * kHour,       kDay};
  const std::int64_t wanted = ((until_ms - from_ms) / 1000 + spans - 1) / spans;
  const auto found =
      std::find_if(kSteps.begin(), kSteps.end(), [&](std::int64_t each) { return each >= wanted; });
  const std::int64_t step = found != kSteps.end() ? *found : (wanted + kDay - 1) / kDay * kDay;
  std::vector<Tick> all;
  for (std::int64_t time = next_round(seconds_of(from_ms) - 1, step); time * 1000 <= until_ms;
       time = next_round(time, step)) {
    if (time * 1000 < from_ms) continue;
    const std::string zone = is_shown_again(all, time) ? written(time * 1000, " %Z") : "";
    all.push_back({time * 1000, tick_text(time, step < kMinute) + zone});
  }
  if (all.empty()) all.push_back({from_ms, clock_text(from_ms)});
  return all;
}

}  // namespace heapmeter::cli::report
