// SPDX-License-Identifier: MIT
#include "tracking/address_limit.h"

#include "base/sys.h"
#include "books/ledger.h"

namespace heapmeter::address_limit {
namespace {

// Below this much a chunk of 16 MiB for every 256 MiB touched would be felt.
constexpr uint64_t kTight = uint64_t{4} << 30;

}  // namespace

void followed_by_ledger() noexcept { the_ledger.use_pieces(sys::address_limit() < kTight); }

}  // namespace heapmeter::address_limit
