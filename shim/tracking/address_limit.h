// SPDX-License-Identifier: MIT
//
// What the meter does differently where few addresses are allowed (RLIMIT_AS, RLIMIT_DATA), as long as that
// is so.
#pragma once

namespace heapmeter::address_limit {

// At the start, and when the limit may have been changed since. Attribution follows by itself.
void followed_by_ledger() noexcept;

}  // namespace heapmeter::address_limit
