// SPDX-License-Identifier: MIT
#include "text/format.h"

#include <array>
#include <cmath>
#include <span>

#include <fmt/format.h>

namespace heapmeter::cli::format {
namespace {

constexpr std::array<const char *, 6> kByteUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

int digits_after_point(double shown) { return shown >= 99.95 ? 0 : shown >= 9.995 ? 1 : 2; }

// Three digits, going up a unit where rounding would make a fourth: 1023.9 KiB is 1.00 MiB.
std::string scaled(double amount, double base, std::span<const char *const> units, const char *gap) {
  const double size = std::fabs(amount);
  std::size_t unit = 0;
  double shown = size;
  while (unit + 1 < units.size() && shown >= (unit == 0 ? base - 0.5 : 999.5)) {
    shown /= base;
    ++unit;
  }
  const char *sign = amount < 0 && (unit > 0 || size > 0.5) ? "-" : "";
  const int digits = unit == 0 ? 0 : digits_after_point(shown);
  return fmt::format("{}{:.{}f}{}{}", sign, shown, digits, *units[unit] == '\0' ? "" : gap, units[unit]);
}

}  // namespace

std::string bytes(double amount) { return scaled(amount, 1024, kByteUnits, " "); }

std::string bytes_range(std::uint64_t least, std::uint64_t most, const char *dash) {
  std::size_t unit = 0;
  double low = static_cast<double>(least), high = static_cast<double>(most);
  for (; unit + 1 < kByteUnits.size() && low >= 1024; ++unit) {
    low /= 1024;
    high /= 1024;
  }
  const auto digits = [&](double shown) { return unit == 0 ? 0 : digits_after_point(shown); };
  return fmt::format("{:.{}f}{}{:.{}f} {}", low, digits(low), dash, high, digits(high), kByteUnits[unit]);
}

std::string count(double amount) {
  static constexpr std::array<const char *, 6> kUnits = {"", "k", "M", "G", "T", "P"};
  return scaled(amount, 1000, kUnits, "");
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string duration(double seconds) {
  if (seconds < 0.09995) return fmt::format("{:.1f} ms", 1000 * seconds);
  if (seconds < 9.995) return fmt::format("{:.2f} s", seconds);
  if (seconds < 59.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<std::uint64_t>(seconds);
  if (whole < 3600) return fmt::format("{}m {:02}s", whole / 60, whole % 60);
  if (whole < 86400) return fmt::format("{}h {:02}m", whole / 3600, whole / 60 % 60);
  return fmt::format("{}d {:02}h", whole / 86400, whole / 3600 % 24);
}

std::string percent(double part, double whole) {
  return whole > 0 ? fmt::format("{:.1f} %", 100 * part / whole) : "-";
}

std::string counted(std::uint64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", grouped(number), noun, number == 1 ? "" : "s");
}

}  // namespace heapmeter::cli::format
