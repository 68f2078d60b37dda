// SPDX-License-Identifier: MIT
#include "top/closer_look.h"

#include "doctor/memory_owners.h"
#include "readings/take_account.h"
#include "text/user_error.h"
#include "top/collector.h"
#include "verdicts/rules.h"

namespace heapmeter::cli::tui {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kPatience = 500ms;
constexpr int kAccountRest = 20;  // as many times as it took, until the next: smaps holds up its process

}  // namespace

void CloserLook::go_on(const Publish<Inspection> &publish) {
  inspect();
  const bool wanted = publish(known_);
  const auto begin = Clock::now();
  if (!wanted || begin < account_due_ || !known_.complaint.empty()) return;
  inspect_account();
  publish(known_);
  const auto end = Clock::now();
  account_due_ = end + kAccountRest * (end - begin);
}

void CloserLook::inspect() {
  try {
    const Deadline deadline = in(kPatience);
    known_.take_sizes(take_size_classes(member_.endpoint, deadline));
    known_.take_threads(take_thread_list(member_.endpoint, deadline), seconds_now());
    known_.complaint.clear();
  } catch (const NoAnswer &silence) {
    known_.complaint = silence.why() == Silence::kLate ? "not answering" : silence.what();
  }
}

void CloserLook::inspect_account() {
  try {
    known_.account = take_account({member_.endpoint, member_.local_pid}, kPatience);
    known_.account_complaint.clear();
    known_.limits = memory_limits(member_.local_pid);
    verdicts::Observed observed;
    observed.account = known_.account;
    // It reads all the libraries of the program, so once.
    if (known_.owners.empty() && verdicts::not_mallocs(observed))
      known_.owners = memory_owners(member_.local_pid);
  } catch (const UserError &error) {
    known_.account_complaint = error.what();
  } catch (const ProcessEnded &) {  // which the census will tell
  }
}

}  // namespace heapmeter::cli::tui
