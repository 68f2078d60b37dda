// SPDX-License-Identifier: MIT
#include "top/code_look.h"

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

}  // namespace

void CodeLook::go_on(const Publish<Code> &publish) {
  const auto begin = Clock::now();
  try {
    take(publish, sites::parse_profile(get(member_.endpoint, HEAPMETER_PATH_SITES, in(kPatience))));
  } catch (const NoAnswer &silence) {
    code_.complaint = silence.why() == Silence::kLate ? "not answering" : silence.what();
  }
  publish(code_);
  took_ = Clock::now() - begin;
}

Clock::duration CodeLook::rest() const { return kRest * took_; }

void CodeLook::take(const Publish<Code> &publish, const sites::Profile &now) {
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
    publish(code_);
  }
  sites::Stacks stacks = sites::named(member_.local_pid, now, sites::Progress::kSilent).stacks;
  if (anew) {
    first_ = now;
    first_stacks_ = stacks;
  }
  code_.take(*first_, first_stacks_, now, stacks);
}

}  // namespace heapmeter::cli::tui
