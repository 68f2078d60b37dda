// SPDX-License-Identifier: MIT
//
// The function behind us of a name that is ours, mostly libc's: looked up at start, or when it is called
// before. Not by dlsym, which is another library's to replace: by RTLD_NEXT that would find ours.
#pragma once

#include <errno.h>

#include "base/compiler.h"
#include "base/search_order.h"

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
      function_ = reinterpret_cast<Result (*)(Arguments...)>(search_order::behind(name_));
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
