// SPDX-License-Identifier: MIT
#include "top/collector.h"

#include <algorithm>
#include <chrono>

#include "readings/take_account.h"
#include "text/user_error.h"

namespace heapmeter::cli::tui {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kPatience = 1000ms;
constexpr double kGrace = 0.25;  // longer a round does not wait for the slow ones; the next has their answers
constexpr double kFirstRound = 0.2;  // rates need two
constexpr int kAccountRest = 20;     // as many times as it took, until the next: smaps holds up its process

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

void inspect(Inspection &known, const Member &member) {
  try {
    const Deadline deadline = in(kPatience / 2);
    known.take_sizes(take_size_classes(member.endpoint, deadline));
    known.take_threads(take_thread_list(member.endpoint, deadline), seconds_now());
    known.complaint.clear();
  } catch (const NoAnswer &silence) {
    known.complaint = silence.why() == Silence::kLate ? "not answering" : silence.what();
  }
}

void inspect_account(Inspection &known, const Member &member) {
  try {
    known.account = take_account({member.endpoint, member.local_pid}, kPatience / 2);
    known.account_complaint.clear();
  } catch (const UserError &error) {
    known.account_complaint = error.what();
  } catch (const ProcessEnded &) {  // which the census will tell
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

Inspector::Inspector(double interval)
    : wish_(std::make_shared<Wish>()),
      worker_([wish = wish_](Worker<Inspection>::Shared &shared) { work(shared, *wish); }) {
  set_interval(interval);
}

void Inspector::look_at(std::optional<Member> member) {
  {
    const std::lock_guard lock(wish_->mutex);
    wish_->member = std::move(member);
  }
  worker_.wake();
}

void Inspector::set_interval(double seconds) {
  {
    const std::lock_guard lock(wish_->mutex);
    wish_->interval = seconds;
  }
  worker_.wake();
}

void Inspector::work(Worker<Inspection>::Shared &shared, Wish &wish) {
  Inspection known;
  Clock::time_point account_due;
  while (!shared.stop) {
    std::optional<Member> member;
    double interval = 1;
    {
      const std::lock_guard lock(wish.mutex);
      member = wish.member;
      interval = wish.interval;
    }
    const auto start = Clock::now();
    if (member) {
      const std::string key = member->endpoint.path();
      if (key != known.key) {
        known = Inspection(key);
        account_due = start;
      }
      inspect(known, *member);
      shared.publish(known);
      if (const auto begin = Clock::now(); begin >= account_due && known.complaint.empty() && !shared.stop) {
        inspect_account(known, *member);
        shared.publish(known);
        const auto end = Clock::now();
        account_due = end + kAccountRest * (end - begin);
      }
    }
    const auto next = member ? start + as_duration(interval) : start + 3600s;
    if (shared.wake_bell.wait(next)) shared.wake_bell.silence();
  }
}

}  // namespace heapmeter::cli::tui
