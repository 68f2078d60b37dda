// SPDX-License-Identifier: MIT
//
// What of libc must be wrapped for the meter to be harmless.
#pragma once

namespace heapmeter::override_libc {

// At start: looks the real functions up, so that the wrappers are one jump.
void resolve() noexcept;

}  // namespace heapmeter::override_libc
