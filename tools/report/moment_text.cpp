// SPDX-License-Identifier: MIT
#include "report/moment_text.h"

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

}  // namespace heapmeter::cli::report
