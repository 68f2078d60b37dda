// SPDX-License-Identifier: MIT
#include "report/moment_text.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace heapmeter::cli::report {
namespace {

std::string written(std::int64_t time_ms, const char *how) {
  const auto seconds = static_cast<time_t>(time_ms / 1000);
  tm parts = {};
  std::array<char, 64> text = {};
  if (localtime_r(&seconds, &parts) == nullptr) return "?";
  return {text.data(), strftime(text.data(), text.size(), how, &parts)};
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
  const auto begin = static_cast<time_t>(from_ms / 1000);
  tm parts = {};
  if (localtime_r(&begin, &parts) == nullptr) return {};
  std::vector<Tick> all;
  const std::int64_t first = from_ms / 1000 + parts.tm_gmtoff;
  for (std::int64_t local = (first + step - 1) / step * step;; local += step) {
    const std::int64_t time = (local - parts.tm_gmtoff) * 1000;
    if (time < from_ms) continue;
    if (time > until_ms) return all;
    all.push_back({time, written(time, local % kDay == 0 ? "%e %b" : step < kMinute ? "%H:%M:%S" : "%H:%M")});
    if (all.back().text.front() == ' ') all.back().text.erase(0, 1);
  }
}

}  // namespace heapmeter::cli::report
