// SPDX-License-Identifier: MIT
//
// A call that changes the stack of a thread's handlers, and what needs it at start.
#pragma once

namespace heapmeter::override_alternate_stack {

// At start: it may be called in a handler, where a look-up is not possible.
void resolve() noexcept;

// After it went well: of a stack_t, or null where it only asked. Not by that type, whose header has syscall,
// too.
void note(const void *stack) noexcept;

}  // namespace heapmeter::override_alternate_stack
