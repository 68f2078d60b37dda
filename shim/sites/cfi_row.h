// SPDX-License-Identifier: MIT
//
// The instructions of call frame information, run up to one address. Of the registers only bp and the return
// address are followed, of expressions those that compilers make.
#pragma once

#include <stdint.h>

#include "sites/eh_frame.h"

namespace heapmeter::sites {

// Where a register of the caller is.
struct Saved {
  enum class How : uint8_t { kSame, kAtCfa, kAtBp, kUndefined, kOther };
  How how = How::kSame;
  int64_t offset = 0;
};

struct Row {
  static constexpr uint64_t kBp = 6, kSp = 7, kIp = 16;
  enum class Cfa : uint8_t { kRegister, kInMemoryAtBp, kLinkageTable, kOther };

  Cfa cfa = Cfa::kRegister;
  uint8_t pushed_from = 0;  // of the linkage table
  uint64_t base = ~uint64_t{0};
  int64_t offset = 0;
  Saved bp, ip;

  // False when the instructions are not understood.
  bool run(const FrameEntry &entry, uintptr_t pc) noexcept;
};

}  // namespace heapmeter::sites
