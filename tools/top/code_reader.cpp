// SPDX-License-Identifier: MIT
#include "top/code_reader.h"

#include <algorithm>
#include <chrono>

#include <heapmeter/protocol.h>

#include "client/client.h"
#include "sites/naming.h"
#include "sites/page.h"

namespace heapmeter::cli::tui {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kPatience = 2000ms;
constexpr int kRest = 4;  // as many times as it took, until the next: a page may have megabytes

// Of one process, from its first look on.
class Look {
 public:
  explicit Look(const Member &member) : member_(member) { code_.key = member.endpoint.path(); }

  const std::string &key() const { return code_.key; }

  void go_on(Worker<Code>::Shared &shared) {
    try {
      take(shared, sites::parse_profile(get(member_.endpoint, HEAPMETER_PATH_SITES, in(kPatience))));
    } catch (const NoAnswer &silence) {
      code_.complaint = silence.why() == Silence::kLate ? "not answering" : silence.what();
    }
    shared.publish(code_);
  }

 private:
  void take(Worker<Code>::Shared &shared, const sites::Profile &now) {
    code_.complaint.clear();
    if (now.mode == sites::Mode::kOff) {
      first_.reset();
      code_ = Code{code_.key};
      return;
    }
    // After exec another program has the place of the one before.
    const bool anew = !first_ || first_->since != now.since || first_->mode != now.mode ||
                      now.allocations < last_allocations_;
    last_allocations_ = now.allocations;
    if (anew) {
      code_ = Code{code_.key, Code::State::kNaming};
      shared.publish(code_);
    }
    sites::Stacks stacks = sites::named(member_.local_pid, now, sites::Progress::kSilent).stacks;
    if (anew) {
      first_ = now;
      first_stacks_ = stacks;
    }
    code_.take(*first_, first_stacks_, now, stacks);
  }

  const Member member_;
  Code code_;
  std::optional<sites::Profile> first_;
  sites::Stacks first_stacks_;
  std::uint64_t last_allocations_ = 0;
};

}  // namespace

CodeReader::CodeReader(double interval)
    : wish_(std::make_shared<Wish>()),
      worker_([wish = wish_](Worker<Code>::Shared &shared) { work(shared, *wish); }) {
  set_interval(interval);
}

void CodeReader::look_at(std::optional<Member> member) {
  {
    const std::lock_guard lock(wish_->mutex);
    wish_->member = std::move(member);
  }
  worker_.wake();
}

void CodeReader::set_interval(double seconds) {
  const std::lock_guard lock(wish_->mutex);
  wish_->interval = seconds;
}

void CodeReader::work(Worker<Code>::Shared &shared, Wish &wish) {
  std::optional<Look> look;
  while (!shared.stop) {
    std::optional<Member> member;
    double interval = 1;
    {
      const std::lock_guard lock(wish.mutex);
      member = wish.member;
      interval = wish.interval;
    }
    auto next = Clock::now() + 3600s;
    if (member) {
      if (!look || look->key() != member->endpoint.path()) look.emplace(*member);
      const auto begin = Clock::now();
      look->go_on(shared);
      const auto took = Clock::now() - begin;
      next = begin +
             std::max(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(interval)),
                      kRest * took);
    }
    if (shared.wake_bell.wait(next)) shared.wake_bell.silence();
  }
}

}  // namespace heapmeter::cli::tui
