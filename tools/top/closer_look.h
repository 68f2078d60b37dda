// SPDX-License-Identifier: MIT
//
// Asks one process for its size classes, its threads and, less often, its account.
#pragma once

#include <chrono>

#include "readings/census.h"
#include "top/follower.h"
#include "top/inspection.h"

namespace heapmeter::cli::tui {

class CloserLook {
 public:
  using Result = Inspection;
  explicit CloserLook(const Member &member) : member_(member), known_(member.endpoint.path()) {}

  const std::string &key() const { return known_.key; }
  void go_on(const Publish<Inspection> &publish);
  std::chrono::steady_clock::duration rest() const { return {}; }

 private:
  void inspect();
  void inspect_account();

  const Member member_;
  Inspection known_;
  std::chrono::steady_clock::time_point account_due_ = {};
};

}  // namespace heapmeter::cli::tui
