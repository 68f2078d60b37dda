// SPDX-License-Identifier: MIT
//
// One at a time, the others asleep: a real-time thread that spun would keep the one it waits for from
// running. Signals wait meanwhile: a handler that came here too would wait for ever.
#pragma once

#include <stdint.h>

namespace heapmeter {

class Turn {
 public:
  using Word = uint32_t;  // 0 when nobody has it

  explicit Turn(Word &word) noexcept;
  ~Turn() noexcept;
  Turn(const Turn &) = delete;
  Turn &operator=(const Turn &) = delete;

 private:
  Word &word_;
  uint64_t mask_ = 0;
};

}  // namespace heapmeter
