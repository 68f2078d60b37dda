// SPDX-License-Identifier: MIT
//
// A call by which the process becomes another program, and what needs it at start.
#pragma once

#include "leaks/permit.h"

namespace heapmeter::override_exec {

// At start: it may be called where a look-up is not possible.
void resolve() noexcept;

// errno is the call's own.
template <typename Call>
auto leaving(Call call) noexcept {
  const leaks::permit::Leaving note;
  return call();
}

}  // namespace heapmeter::override_exec
