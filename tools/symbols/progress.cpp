// SPDX-License-Identifier: MIT
#include "symbols/progress.h"

#include <algorithm>
#include <cstdio>

#include <unistd.h>

#include <fmt/format.h>

#include "text/terminal.h"

namespace heapmeter::cli::symbols {
namespace {

constexpr auto kBeforeTelling = std::chrono::milliseconds(500);
constexpr const char *kWipe = "\r\033[K";

}  // namespace

Progress::Progress(std::size_t all, bool wanted)
    : all_(all), terminal_(wanted && isatty(STDERR_FILENO) == 1), since_(std::chrono::steady_clock::now()) {}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "{}", kWipe);
}

void Progress::begin(const std::string &file) {
  ++at_;
  file_ = printable(file);
  tick();
}

void Progress::tick() {
  if (!terminal_ || std::chrono::steady_clock::now() - since_ < kBeforeTelling) return;
  std::string line = fmt::format("naming, file {} of {}: {}", at_, all_, file_);
  const int columns = terminal_columns(STDERR_FILENO);
  if (columns > 0) line.resize(std::min(line.size(), static_cast<std::size_t>(columns - 1)));
  fmt::print(stderr, "{}{}", kWipe, line);
  fflush(stderr);
  shown_ = true;
}

}  // namespace heapmeter::cli::symbols
