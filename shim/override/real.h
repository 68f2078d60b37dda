// SPDX-License-Identifier: MIT
//
// libc's own function of a name that is ours: looked up at start, or when it is called before.
#pragma once

#include <dlfcn.h>
#include <errno.h>

#include "base/compiler.h"

namespace heapmeter {

template <typename Signature>
class Real;

template <typename Result, typename... Arguments>
class Real<Result(Arguments...)> {
 public:
  constexpr explicit Real(const char *name) noexcept : name_(name) {}

  // Null where this libc has none.
  auto *find() noexcept {
    if (HEAPMETER_UNLIKELY(function_ == nullptr)) {
      function_ = reinterpret_cast<Result (*)(Arguments...)>(dlsym(RTLD_NEXT, name_));
    }
    return function_;
  }
  Result operator()(Arguments... arguments) noexcept {
    auto *function = find();
    if (HEAPMETER_LIKELY(function != nullptr)) return function(arguments...);
    errno = ENOSYS;
    return static_cast<Result>(-1);
  }

 private:
  const char *name_;
  Result (*function_)(Arguments...) = nullptr;
};

}  // namespace heapmeter
