// SPDX-License-Identifier: MIT
//
// What the meter does differently where few addresses are allowed (RLIMIT_AS, RLIMIT_DATA), as long as that
// is so; or where the kernel had little left to promise as the program began (vm.overcommit_memory is 2: each
// address that may be written counts, touched or not). That is all of the machine's, and falls and grows with
// what others do: it is asked once.
#pragma once

#include <stdint.h>

namespace heapmeter::address_limit {

// At the start.
void begin() noexcept;
// When the limit may have been changed since. Attribution follows by itself.
void followed_by_ledger() noexcept;

// UINT64_MAX: there is none.
uint64_t now() noexcept;
// Which it is, where there is one; and whether that was it.
const char *reason() noexcept;
bool is_reason(const char *text) noexcept;

}  // namespace heapmeter::address_limit
