// SPDX-License-Identifier: MIT
//
// What an opened process is asked of its code, when it notes that; pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sites/comparison.h"

namespace heapmeter::cli::tui {

struct CodeRow {
  std::string function, caller;  // "" where there is none
  std::uint64_t live_bytes = 0, live_blocks = 0;
  std::int64_t change = 0;  // of live bytes, since the first look
};

struct Code {
  std::string key = {};  // of the process; "" when there is none yet
  enum class State { kOff, kNaming, kKnown } state = State::kOff;
  bool estimated = false;
  std::vector<CodeRow> rows = {};  // what holds most first
  std::uint64_t before_bytes = 0;  // live, and older than attribution
  std::string complaint = {};      // why what is above is old, or missing

  bool is_noted() const { return state != State::kOff; }

  // As the first look found it, or as this one does where attribution began anew.
  void take(const sites::Profile &first, const sites::Stacks &first_stacks, const sites::Profile &now,
            const sites::Stacks &stacks);
};

}  // namespace heapmeter::cli::tui
