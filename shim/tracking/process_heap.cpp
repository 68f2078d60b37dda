// SPDX-License-Identifier: MIT
#include "tracking/process_heap.h"

#include "base/search_order.h"

namespace heapmeter::process_heap {

constinit Functions process = {};

namespace {

template <typename Function>
void find_one(Function *&function, const char *name) noexcept {
  function = reinterpret_cast<Function *>(search_order::ahead(name));
}

}  // namespace

void find() noexcept {
  find_one(process.malloc, "malloc");
  find_one(process.aligned_alloc, "aligned_alloc");
  find_one(process.realloc, "realloc");
  find_one(process.free, "free");
}

}  // namespace heapmeter::process_heap
