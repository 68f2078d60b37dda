// SPDX-License-Identifier: MIT
//
// sigaltstack: who looks for what is lost must know the stack that only the kernel holds.
#include "override/alternate_stack.h"

#include <signal.h>

#include "base/compiler.h"
#include "leaks/alternate_stack.h"
#include "override/real.h"

namespace {

using namespace heapmeter;

constinit Real<int(const stack_t *, stack_t *)> real_sigaltstack{"sigaltstack"};

}  // namespace

namespace heapmeter::override_alternate_stack {

void resolve() noexcept { real_sigaltstack.find(); }

void note(const void *stack) noexcept {
  if (stack == nullptr) return;
  const auto &now = *static_cast<const stack_t *>(stack);
  leaks::alternate_stack = (now.ss_flags & SS_DISABLE) != 0 ? nullptr : now.ss_sp;
}

}  // namespace heapmeter::override_alternate_stack

extern "C" {

HEAPMETER_EXPORT int sigaltstack(const stack_t *stack, stack_t *before) noexcept {
  const int result = real_sigaltstack(stack, before);
  if (result == 0) override_alternate_stack::note(stack);
  return result;
}

}  // extern "C"
