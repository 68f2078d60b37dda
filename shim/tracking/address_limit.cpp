// SPDX-License-Identifier: MIT
#include "tracking/address_limit.h"

#include "base/sandbox.h"
#include "base/sys.h"
#include "books/ledger.h"

namespace heapmeter::address_limit {
namespace {

// Below this much a chunk of 16 MiB for every 256 MiB touched would be felt.
constexpr uint64_t kTight = uint64_t{4} << 30;

constexpr const char *kLimited = "under a limit of address space (RLIMIT_AS, RLIMIT_DATA)";
constexpr const char *kUnpromised = "the kernel had little left to promise (vm.overcommit_memory is 2)";

constinit uint64_t unpromised = UINT64_MAX;
constinit bool followed_tight = false;

}  // namespace

void begin() noexcept {
  // Who is in a sandbox of its own by now, set up by another library's constructor, may be ended for asking.
  const uint64_t bytes = sandbox::was_entered() ? UINT64_MAX : sys::unpromised_bytes();
  if (bytes < kTight) unpromised = bytes;
  followed_by_ledger();
}

// The ledger lies on pages that a start without a block does not touch: it is told only of what is new.
void followed_by_ledger() noexcept {
  const bool tight = now() < kTight;
  bool was_tight;
  __atomic_exchange(&followed_tight, &tight, &was_tight, __ATOMIC_RELAXED);
  if (tight != was_tight) the_ledger.use_pieces(tight);
}

uint64_t now() noexcept {
  const uint64_t limit = sys::address_limit();
  return limit < unpromised ? limit : unpromised;
}

const char *reason() noexcept { return sys::address_limit() <= unpromised ? kLimited : kUnpromised; }

bool is_reason(const char *text) noexcept { return text == kLimited || text == kUnpromised; }

}  // namespace heapmeter::address_limit
