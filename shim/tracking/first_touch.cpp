// SPDX-License-Identifier: MIT
#include "tracking/first_touch.h"

#include <errno.h>

#include "backend/allocator.h"
#include "tracking/mode.h"

namespace heapmeter::first_touch {

void expect() noexcept { mode::add(mode::kUntouched); }

void make() noexcept {
  if (HEAPMETER_LIKELY(!mode::is(mode::kUntouched)) || !mode::counting()) return;
  const int saved_errno = errno;
  backend::warm_up();
  errno = saved_errno;
  mode::remove(mode::kUntouched);
}

}  // namespace heapmeter::first_touch
