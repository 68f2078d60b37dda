// SPDX-License-Identifier: MIT
#include "top/collector.h"

#include <algorithm>
#include <chrono>

namespace heapmeter::cli::tui {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kPatience = 1000ms;
constexpr double kGrace = 0.25;  // longer a round does not wait for the slow ones; the next has their answers
constexpr double kFirstRound = 0.2;  // rates need two

Clock::duration as_duration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

void take_census(Worker<Round>::Shared &shared, const std::atomic<double> &interval,
                 const std::optional<Endpoint> &also, const Census::Finder &group) {
  Census census(kPatience, group);
  if (also) census.also(*also);
  const int wake = shared.wake_bell.fd();
  for (int round = 0; !shared.stop; ++round) {
    const auto start = Clock::now();
    const double step = round == 0 ? std::min(kFirstRound, interval.load()) : interval.load();
    census.begin();
    bool all = census.go_on(start + as_duration(std::min(kGrace, step)), wake);
    shared.publish({census.members(), census.refused(), seconds_now()});
    // The slow ones, until the next round is due, or the bell says that it is due now.
    const auto next = start + as_duration(step);
    while (!all && !shared.wake_bell.rung() && Clock::now() < next) all = census.go_on(next, wake);
    if (shared.wake_bell.wait(next)) shared.wake_bell.silence();
  }
}

}  // namespace

double seconds_now() { return std::chrono::duration<double>(Clock::now().time_since_epoch()).count(); }

Collector::Collector(double interval, std::optional<Endpoint> also, Census::Finder group)
    : interval_(std::make_shared<std::atomic<double>>(interval)),
      worker_([interval = interval_, also = std::move(also), group = std::move(group)](
                  Worker<Round>::Shared &shared) { take_census(shared, *interval, also, group); }) {}

void Collector::set_interval(double seconds) {
  *interval_ = seconds;
  worker_.wake();
}

}  // namespace heapmeter::cli::tui
