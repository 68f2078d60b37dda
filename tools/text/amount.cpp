// SPDX-License-Identifier: MIT
#include "text/amount.h"

#include <cctype>
#include <charconv>

namespace heapmeter::cli {
namespace {

constexpr double kLongest = 1e9;  // three decades
constexpr std::uint64_t kMost = std::uint64_t{1} << 60;

}  // namespace

std::optional<double> seconds_in(std::string_view text) {
  double number = 0;
  const char *const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, std::chars_format::fixed);
  const std::string_view unit(end, static_cast<std::size_t>(last - end));
  const double factor = unit == "ms"                  ? 1e-3
                        : unit.empty() || unit == "s" ? 1
                        : unit == "m"                 ? 60
                        : unit == "h"                 ? 3600
                        : unit == "d"                 ? 86400
                                                      : 0;
  const double seconds = number * factor;
  const bool good = error == std::errc() && factor != 0 && seconds > 0 && seconds <= kLongest;
  return good ? std::optional(seconds) : std::nullopt;
}

std::optional<std::uint64_t> bytes_in(std::string_view text) {
  std::uint64_t number = 0;
  const char *const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number);
  std::string_view unit(end, static_cast<std::size_t>(last - end));
  if (error != std::errc()) return std::nullopt;
  unsigned shift = 0;
  if (!unit.empty()) {
    const char letter = static_cast<char>(std::toupper(static_cast<unsigned char>(unit.front())));
    shift = letter == 'K' ? 10 : letter == 'M' ? 20 : letter == 'G' ? 30 : 0;
    unit.remove_prefix(1);
    if (shift == 0 || !(unit.empty() || unit == "B" || unit == "iB")) return std::nullopt;
  }
  return number > kMost >> shift ? std::nullopt : std::optional(number << shift);
}

}  // namespace heapmeter::cli
