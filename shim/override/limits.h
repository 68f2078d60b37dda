// SPDX-License-Identifier: MIT
//
// A call that changes a limit of this process, by whichever name. What the allocator begins with comes before
// it.
#pragma once

#include <asm/resource.h>

#include "override/with_service.h"
#include "tracking/address_limit.h"
#include "tracking/attribution.h"
#include "tracking/first_touch.h"

namespace heapmeter::limits {

// That of processes counts the service's thread, which goes where few are allowed, and comes when there are
// more; those of memory count what call stacks are kept in.
template <typename Call>
auto changing(long resource, Call call) noexcept {
  if (resource != RLIMIT_NPROC) first_touch::make();
  const auto result = call();
  if (result != 0 || service::memory_is_borrowed()) return result;
  if (resource == RLIMIT_NPROC) service::task_limit_changed();
  if (resource == RLIMIT_AS || resource == RLIMIT_DATA) {
    address_limit::followed_by_ledger();
    if (attribution::is_in_the_way() || attribution::may_come_back()) {
      with_service::alone([] {
        attribution::follow_limit();
        return 0;
      });
    }
  }
  return result;
}

}  // namespace heapmeter::limits
