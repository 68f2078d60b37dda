// SPDX-License-Identifier: MIT
//
// How much the tables of sites may take, all together: what is taken stays taken until all is given back.
#pragma once

#include <stddef.h>

#include "base/compiler.h"
#include "base/memory_use.h"

namespace heapmeter::sites {

// A mapping of one of them.
using Memory = memory_use::Mapping;

class Budget {
 public:
  void start(size_t limit) noexcept {
    store_whole(taken_, size_t{0});
    store_whole(limit_, limit);
  }

  bool take(size_t bytes) noexcept {
    if (__atomic_add_fetch(&taken_, bytes, __ATOMIC_RELAXED) <= load_whole(limit_)) return true;
    put_back(bytes);
    return false;
  }

  void put_back(size_t bytes) noexcept { __atomic_sub_fetch(&taken_, bytes, __ATOMIC_RELAXED); }

  size_t limit() const noexcept { return load_whole(limit_); }
  size_t taken() const noexcept { return load_whole(taken_); }

 private:
  size_t taken_ = 0;
  size_t limit_ = 0;
};

}  // namespace heapmeter::sites
