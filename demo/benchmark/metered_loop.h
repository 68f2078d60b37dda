// SPDX-License-Identifier: MIT
//
// Heap columns for Google Benchmark. Its memory manager is asked to start and stop around a run of its own,
// which includes the harness's allocations; so the exact figures are taken by a MeteredLoop around the
// iterations alone:
//
//   void measure(benchmark::State &state) {
//     const MeteredLoop metered(state);
//     for (auto _ : state) work();
//   }
#pragma once

#include <cstdint>

#include <benchmark/benchmark.h>
#include <heapmeter/heapmeter.hpp>

namespace demo {

// Google Benchmark before 1.8 has an older way to stop besides, which has to be there.
class StopsBothWays : public benchmark::MemoryManager {
 public:
  using MemoryManager::Stop;
  virtual void Stop(Result *result) { Stop(*result); }
};

class HeapManager : public StopsBothWays {
 public:
  void Start() override;
  using StopsBothWays::Stop;
  void Stop(Result &result) override;

  // What one loop spent, while a run for the memory figures is on; other runs are not counted.
  void add(const heapmeter::ThreadCounters &spent);

 private:
  bool is_on_ = false;
  std::uint64_t allocations_ = 0;
  std::uint64_t allocated_bytes_ = 0;
  std::uint64_t freed_bytes_ = 0;
};

// The one that is registered when the process is metered.
HeapManager &heap_manager();

class MeteredLoop {
 public:
  // The state is only asked for so that nobody builds one outside of a benchmark.
  explicit MeteredLoop(benchmark::State &) {}
  MeteredLoop(const MeteredLoop &) = delete;
  MeteredLoop &operator=(const MeteredLoop &) = delete;
  ~MeteredLoop() {
    if (const auto spent = scope_.spent()) heap_manager().add(*spent);
  }

 private:
  heapmeter::Scope scope_;
};

}  // namespace demo
