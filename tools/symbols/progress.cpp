// SPDX-License-Identifier: MIT
#include "symbols/progress.h"

#include <fmt/format.h>

#include "text/terminal.h"

namespace heapmeter::cli::symbols {
namespace {

constexpr auto kBeforeTelling = std::chrono::milliseconds(500);

}  // namespace

Progress::Progress(std::size_t all, bool wanted)
    : all_(all), wanted_(wanted), since_(std::chrono::steady_clock::now()) {}

void Progress::begin(const std::string &file) {
  ++at_;
  file_ = printable(file);
  tick();
}

void Progress::tick() {
  if (!wanted_ || std::chrono::steady_clock::now() - since_ < kBeforeTelling) return;
  line_.say(fmt::format("naming, file {} of {}: {}", at_, all_, file_));
}

}  // namespace heapmeter::cli::symbols
