// SPDX-License-Identifier: MIT
#include "benchmark/metered_loop.h"

namespace demo {

HeapManager &heap_manager() {
  static HeapManager manager;
  return manager;
}

void HeapManager::Start() {
  is_on_ = true;
  allocations_ = allocated_bytes_ = freed_bytes_ = 0;
}

void HeapManager::Stop(Result &result) {
  is_on_ = false;
  result.num_allocs = static_cast<std::int64_t>(allocations_);
  result.total_allocated_bytes = static_cast<std::int64_t>(allocated_bytes_);
  result.net_heap_growth = static_cast<std::int64_t>(allocated_bytes_ - freed_bytes_);
  // The process's, since its start: a peak of the loop alone would need a meter that can be reset.
  const auto heap = heapmeter::process();
  result.max_bytes_used = heap ? static_cast<std::int64_t>(heap->peak_bytes) : 0;
}

void HeapManager::add(const heapmeter::ThreadCounters &spent) {
  if (!is_on_) return;
  allocations_ += spent.allocations + spent.reallocations;
  allocated_bytes_ += spent.allocated_bytes;
  freed_bytes_ += spent.freed_bytes;
}

}  // namespace demo
