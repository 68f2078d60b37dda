// SPDX-License-Identifier: MIT
#include "verbs/pacing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include <signal.h>

#include <fmt/format.h>

#include "readings/target.h"
#include "system/signals.h"

namespace heapmeter::cli {
namespace {

using Clock = std::chrono::steady_clock;

sigset_t interrupt() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void Pace::add_options(Parser &parser, const char *what) {
  parser.option("-i,--interval", interval, "SECONDS", fmt::format("{} every so many seconds", what));
  parser.option("-c,--count", count, "N", "this many rows, then end (a row a second without -i)");
}

void Pace::check(const Parser &parser, const char *verb) {
  const bool given = parser.given("--interval");
  if (given && !(interval >= 0.01 && interval <= 86400)) {
    throw UserError(fmt::format("an interval of {:g} s is outside 0.01 to 86400; see heapmeter {} --help",
                                interval, verb),
                    kUsage);
  }
  if (parser.given("--count") && count < 1)
    throw UserError("--count is the number of rows; give 1 or more, or leave it out", kUsage);
  if (!given && count > 0) interval = 1;
}

InterruptHeld::InterruptHeld(bool wanted) : wanted_(wanted && !signals::is_ignored(SIGINT)) {
  const sigset_t set = interrupt();
  if (wanted_) sigprocmask(SIG_BLOCK, &set, nullptr);
}

InterruptHeld::~InterruptHeld() {
  const sigset_t set = interrupt();
  if (wanted_) sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

bool InterruptHeld::wait(double seconds) {
  const auto until = Clock::now() + std::chrono::duration<double>(std::max(0.0, seconds));
  if (!wanted_) {
    std::this_thread::sleep_until(until);
    return false;
  }
  const sigset_t set = interrupt();
  for (;;) {
    const double left = std::max(0.0, std::chrono::duration<double>(until - Clock::now()).count());
    const timespec time{static_cast<time_t>(left), static_cast<long>((left - std::floor(left)) * 1e9)};
    if (sigtimedwait(&set, nullptr, &time) == SIGINT) return came_ = true;
    if (Clock::now() >= until) return false;
  }
}

void InterruptHeld::pass_on() {
  if (!came_) return;
  const sigset_t set = interrupt();
  signal(SIGINT, SIG_DFL);
  raise(SIGINT);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

bool repeat(const Pace &pace, InterruptHeld &interrupt, const std::function<void()> &read) {
  const auto step = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(pace.interval));
  auto next = Clock::now();
  try {
    for (std::int64_t shown = 1;; ++shown) {
      read();
      if (pace.count != 0 && shown >= pace.count) return true;
      next += step;
      // Late by more than a step (a suspended machine): no burst of rows to catch up.
      if (Clock::now() > next + step) next = Clock::now();
      if (interrupt.wait(std::chrono::duration<double>(next - Clock::now()).count())) return true;
    }
  } catch (const ProcessEnded &) {
    return false;
  }
}

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace heapmeter::cli
