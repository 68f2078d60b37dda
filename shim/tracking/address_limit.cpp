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

}  // namespace

void begin() noexcept {
  // Who is in a sandbox of its own by now, set up by another library's constructor, may be ended for asking.
  const uint64_t bytes = sandbox::was_entered() ? UINT64_MAX : sys::unpromised_bytes();
  if (bytes < kTight) unpromised = bytes;
  // The ledger lies on a page that a start without a block need not touch.
  if (now() < kTight) the_ledger.use_pieces();
}

void followed_by_ledger() noexcept { the_ledger.use_pieces(now() < kTight); }

uint64_t now() noexcept {
  const uint64_t limit = sys::address_limit();
  return limit < unpromised ? limit : unpromised;
}

const char *reason() noexcept { return sys::address_limit() <= unpromised ? kLimited : kUnpromised; }

bool is_reason(const char *text) noexcept { return text == kLimited || text == kUnpromised; }

}  // namespace heapmeter::address_limit
