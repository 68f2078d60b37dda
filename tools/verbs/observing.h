// SPDX-License-Identifier: MIT
//
// What verdicts about a living process are made of.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "readings/target.h"
#include "sites/profile.h"
#include "verdicts/observed.h"
#include "verdicts/verdict.h"

namespace heapmeter::cli {

// With its size classes, limits, and where much is not malloc's, whose that is.
verdicts::Observed observe(const Target &target, const Reading &reading, const Account &account,
                           std::chrono::milliseconds patience);

// Where a process grows over a series of readings: what it held at its beginning is read then, and the code's
// names are looked up only for a verdict that has a use for them.
class Growth {
 public:
  Growth(const Target &target, std::chrono::milliseconds patience) : target_(target), patience_(patience) {}

  // At each reading. A program that began to count anew begins here, too.
  void note(const Reading &reading);
  // With the classes of then and, unless it has ended, of now, with the code, and where it is not malloc's,
  // with an account.
  std::vector<verdicts::Verdict> judge(verdicts::Observed observed) const;

 private:
  void add_account(verdicts::Observed &observed) const;
  void add_code(verdicts::Observed &observed) const;

  const Target &target_;
  std::chrono::milliseconds patience_;
  std::optional<Reading> before_;
  std::vector<SizeClass> classes_;
  std::optional<sites::Profile> profile_;  // none while code is not noted
};

}  // namespace heapmeter::cli
