// SPDX-License-Identifier: MIT
//
// All readings are taken before the first line is printed: the buffer of stdout is a block too.
#include "tour/tracking_tour.h"

#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <heapmeter/heapmeter.hpp>

#include "support/meter_text.h"

namespace demo {
namespace {

using Reading = std::optional<heapmeter::Snapshot>;

constexpr std::size_t kNumbers = 1000;

void print(std::string_view when, const Reading &reading, const Reading &initial) {
  if (!reading || !initial) {
    fmt::print("{:<22} not metered\n", when);
    return;
  }
  const auto change = [](std::uint64_t now, std::uint64_t then) {
    return static_cast<std::int64_t>(now - then);
  };
  fmt::print("{:<22} {:>9} bytes ({:+}), {:>4} blocks ({:+})\n", when, with_commas(reading->live_bytes),
             change(reading->live_bytes, initial->live_bytes), with_commas(reading->live_blocks),
             change(reading->live_blocks, initial->live_blocks));
}

// The sum is used, so that the vector cannot be optimised away.
int sum_of_squares(const std::vector<int> &squares) {
  unsigned sum = 0;
  for (const int square : squares) sum += static_cast<unsigned>(square);
  return static_cast<int>(sum);
}

}  // namespace

ExitCode run_tracking_tour(const std::optional<std::string> &) {
  const Reading initial = heapmeter::process();
  Reading during;
  int sum = 0;
  {
    std::vector<int> squares;
    squares.reserve(kNumbers);
    for (int number = 0; number < static_cast<int>(kNumbers); ++number) squares.push_back(number * number);
    during = heapmeter::process();
    sum = sum_of_squares(squares);
  }
  const Reading after = heapmeter::process();

  print("Initially", initial, initial);
  print("With the vector", during, initial);
  print("After the vector", after, initial);
  fmt::print("The vector held {} ints of {} bytes; their sum is {}.\n", kNumbers, sizeof(int), sum);
  if (!initial)
    fmt::print("To see numbers, link with libheapmeter or preload it, and leave HEAPMETER_OFF unset.\n");
  return ExitCode::kOk;
}

}  // namespace demo
