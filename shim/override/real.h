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
  constexpr explicit Real(const char *name) noexcept : sought_{name} {}

  // Null where this libc has none.
  auto *find() noexcept {
    if (HEAPMETER_UNLIKELY(sought_.found == nullptr)) search_order::find_behind({&sought_});
    return reinterpret_cast<Result (*)(Arguments...)>(sought_.found);
  }
  // For who looks for several at once.
  search_order::Sought *sought() noexcept { return &sought_; }
  Result operator()(Arguments... arguments) noexcept {
    auto *function = find();
    if (HEAPMETER_LIKELY(function != nullptr)) return function(arguments...);
    errno = ENOSYS;
    return static_cast<Result>(-1);
  }

 private:
  search_order::Sought sought_;
};

}  // namespace heapmeter
