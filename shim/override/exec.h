// SPDX-License-Identifier: MIT
//
// A call by which the process becomes another program, and what needs it at start.
#pragma once

#include <fcntl.h>

#include "leaks/permit.h"
#include "service/notices.h"

namespace heapmeter::override_exec {

// At start: it may be called where a look-up is not possible.
void resolve() noexcept;

// Null where the folder is needed to know it.
inline const char *path_in(long folder, const char *path) noexcept {
  return folder == AT_FDCWD || (path != nullptr && path[0] == '/') ? path : nullptr;
}

// errno is the call's own. `path` is null where there is none to tell.
template <typename Call>
auto leaving(const char *path, Call call) noexcept {
  const leaks::permit::Leaving note;
  notices::Becoming becoming(path);
  const auto result = call();
  becoming.failed();
  return result;
}

}  // namespace heapmeter::override_exec
