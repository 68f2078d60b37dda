// SPDX-License-Identifier: MIT
//
// Reads and names the code of one process.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "readings/census.h"
#include "top/code.h"
#include "top/follower.h"

namespace heapmeter::cli::tui {

class CodeLook {
 public:
  using Result = Code;
  explicit CodeLook(const Member &member) : member_(member) { code_.key = member.endpoint.path(); }

  const std::string &key() const { return code_.key; }
  void go_on(const Publish<Code> &publish);
  std::chrono::steady_clock::duration rest() const;

 private:
  void take(const Publish<Code> &publish, const sites::Profile &now);

  const Member member_;
  Code code_;
  std::optional<sites::Profile> first_;
  sites::Stacks first_stacks_;
  std::uint64_t last_allocations_ = 0;
  std::chrono::steady_clock::duration took_ = {};
};

}  // namespace heapmeter::cli::tui
