// SPDX-License-Identifier: MIT
//
// A call of the program around which the service makes way, or after which it follows. errno is the call's
// own.
#pragma once

#include <errno.h>

#include "service/thread.h"

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

// One that may set up a sandbox: whether it has, `succeeded` says. Many only ask whether they could.
template <typename Call, typename Succeeded>
auto before_sandbox(Call call, Succeeded succeeded) noexcept {
  const bool paused = service::pause();
  const auto result = call();
  if (!paused) return result;
  if (succeeded(result)) {
    service::give_up();
    return result;
  }
  const int saved_errno = errno;
  service::resume();
  errno = saved_errno;
  return result;
}

}  // namespace heapmeter::with_service
