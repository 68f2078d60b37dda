// SPDX-License-Identifier: MIT
//
// The doors to the kernel that are for every call, and what needs them at start.
#pragma once

namespace heapmeter::override_syscall {

// At start: looks up the functions that may be called where a look-up is not possible, in a sandbox or a
// vfork child.
void resolve() noexcept;

}  // namespace heapmeter::override_syscall
