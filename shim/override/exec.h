// SPDX-License-Identifier: MIT
//
// A call by which the process becomes another program, and what needs it at start.
#pragma once

#include "leaks/permit.h"
#include "service/notices.h"

namespace heapmeter::override_exec {

// At start: it may be called where a look-up is not possible.
void resolve() noexcept;

// What is executed by a descriptor, or below one: its path as far as the kernel has one, where anybody is
// told of it. It takes some stack, which only these calls have to have.
class Located {
 public:
  // `path` is null, or empty, where the descriptor is what is executed.
  Located(int folder, const char *path) noexcept;
  const char *path() const noexcept { return path_; }

 private:
  char room_[1024];
  const char *path_;
};

// errno is the call's own.
template <typename Call>
auto leaving(const char *path, Call call) noexcept {
  const leaks::permit::Leaving note;
  notices::Becoming becoming(path);
  const auto result = call();
  becoming.failed();
  return result;
}

}  // namespace heapmeter::override_exec
