// SPDX-License-Identifier: MIT
//
// A call of the program around which the service makes way, or after which it follows. errno is the call's
// own.
#pragma once

#include <errno.h>

#include "base/sandbox.h"
#include "leaks/permit.h"
#include "service/thread.h"
#include "tracking/first_touch.h"

namespace heapmeter::with_service {

// One that wants a process of one thread, or gives up rights.
template <typename Call>
auto alone(Call call) noexcept {
  const bool paused = service::pause();
  const auto result = call();
  if (!paused) return result;
  const int saved_errno = errno;
  service::resume();
  errno = saved_errno;
  return result;
}

// One that may set up a sandbox: whether it has, `succeeded` says. Many only ask whether they could. The
// filter is null for the strict mode. A vfork child's sandbox is its own, not that of whose memory this is.
template <typename Call, typename Succeeded>
auto before_sandbox(Call call, const void *filter, Succeeded succeeded) noexcept {
  const bool borrowed = service::borrowed();
  first_touch::make();
  const bool paused = service::pause();
  const auto result = call();
  if (succeeded(result)) {
    if (paused) service::give_up();
    if (borrowed) {
      leaks::permit::note_borrowed_sandbox();
    } else {
      sandbox::entered(static_cast<const sock_fprog *>(filter));
    }
    return result;
  }
  const int saved_errno = errno;
  if (paused) service::resume();
  errno = saved_errno;
  return result;
}

}  // namespace heapmeter::with_service
