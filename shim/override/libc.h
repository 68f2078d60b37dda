// SPDX-License-Identifier: MIT
//
// What of libc must be wrapped for the meter to be harmless.
#pragma once

namespace heapmeter::override_libc {

// At start: looks up the functions that may be called where a look-up is not possible, in a sandbox or a
// vfork child.
void resolve() noexcept;

}  // namespace heapmeter::override_libc
