// SPDX-License-Identifier: MIT
#include "verbs/observing.h"

#include <algorithm>

#include <heapmeter/protocol.h>

#include "doctor/memory_owners.h"
#include "readings/rates.h"
#include "readings/take_account.h"
#include "sites/naming.h"
#include "sites/page.h"
#include "sites/ranking.h"
#include "system/limits.h"
#include "text/user_error.h"
#include "verbs/wrong_places.h"
#include "verdicts/judge.h"
#include "verdicts/rules.h"
#include "views/code_places.h"

namespace heapmeter::cli {
namespace {

constexpr double kSmallBlock = 16 << 10;

bool notes_code(const Reading &reading) { return !reading.sampling.empty() && reading.sampling != "off"; }

constexpr int kOneTry = 1;

bool wants_an_account(const verdicts::Verdict &verdict) {
  return verdict.kind == verdicts::Kind::k_growth_beside;
}

bool has_use_for_code(const verdicts::Verdict &verdict) {
  return verdict.kind == verdicts::Kind::k_growth || verdict.kind == verdicts::Kind::k_fragmentation;
}

}  // namespace

verdicts::Observed observe(const Target &target, const Reading &reading, const Account &account,
                           std::chrono::milliseconds patience) {
  verdicts::Observed observed;
  observed.reading = reading;
  find_places(*observed.reading, target, patience);
  observed.account = account;
  observed.classes = ask_target(target, HEAPMETER_PATH_SIZES, patience, parse_size_classes);
  observed.limits = memory_limits(target.local_pid);
  if (verdicts::not_mallocs(observed)) observed.owners = memory_owners(target.local_pid);
  return observed;
}

void Growth::note(const Reading &reading) {
  if (!before_ || !goes_on(*before_, reading)) {
    classes_.clear();
    profile_.reset();
  }
  before_ = reading;
  try {
    if (classes_.empty()) classes_ = take_size_classes(target_.endpoint, in(patience_));
    if (!notes_code(reading)) {
      profile_.reset();
    } else if (!profile_) {
      profile_ = sites::parse_profile(get(target_.endpoint, HEAPMETER_PATH_SITES, in(patience_)));
    }
  } catch (const NoAnswer &) {
    // Then a verdict does without.
  }
}

void Growth::add_code(verdicts::Observed &observed) const {
  if (!profile_) return;
  const auto named = [&](const sites::Profile &profile) {
    return sites::named(target_.local_pid, profile, sites::Progress::kSilent).stacks;
  };
  const sites::Profile now = sites::parse_profile(get(target_.endpoint, HEAPMETER_PATH_SITES, in(patience_)));
  observed.holding = code_of_small_blocks(named(now), kSmallBlock);
  observed.growing = growing_code(named(sites::change(*profile_, now)));
}

// Whose memory it is that grows.
void Growth::add_account(verdicts::Observed &observed) const {
  try {
    observed.account = take_account(target_, patience_, kOneTry);
    observed.owners = memory_owners(target_.local_pid);
  } catch (const ProcessEnded &) {
  } catch (const UserError &) {
    // Another user's, whose mappings we may not read: then the verdict says how to find out.
  }
}

std::vector<verdicts::Verdict> Growth::judge(verdicts::Observed observed) const {
  observed.classes_before = classes_;
  std::vector<verdicts::Verdict> all = verdicts::judge(observed);
  if (observed.ended) return all;
  if (!observed.account && std::any_of(all.begin(), all.end(), wants_an_account)) {
    add_account(observed);
    all = verdicts::judge(observed);
  }
  if (std::none_of(all.begin(), all.end(), has_use_for_code)) return all;
  try {
    if (observed.classes.empty()) observed.classes = take_size_classes(target_.endpoint, in(patience_));
    add_code(observed);
  } catch (const NoAnswer &) {
    // It has ended, or code is noted no more.
  } catch (const UserError &) {
    // It is noted anew since.
  }
  return verdicts::judge(observed);
}

}  // namespace heapmeter::cli
