// SPDX-License-Identifier: MIT
//
// Nobody's handler may run in the image, and nothing may come between it and those who stand still, or who
// end it.
#pragma once

#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>

#include "base/sys.h"

namespace heapmeter::leaks {

class NoSignals {
 public:
  NoSignals() noexcept { mask(&kAll, &before_); }
  ~NoSignals() { mask(&before_, nullptr); }
  NoSignals(const NoSignals &) = delete;
  NoSignals &operator=(const NoSignals &) = delete;

 private:
  static void mask(const uint64_t *set, uint64_t *old) noexcept {
    sys::call(SYS_rt_sigprocmask, SIG_SETMASK, reinterpret_cast<long>(set), reinterpret_cast<long>(old),
              sizeof *set);
  }
  static constexpr uint64_t kAll = ~uint64_t{0};
  uint64_t before_ = 0;
};

}  // namespace heapmeter::leaks
