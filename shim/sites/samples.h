// SPDX-License-Identifier: MIT
//
// The blocks that were sampled, by address, for as long as they live: what the ledger would say of them, and
// what a reading needs.
//
// In the window of a few neighbouring places that the address chooses: whoever releases the block looks
// through all of them, so that no place must stay taken for others to be found. Where a window is full the
// next table, four times as large, has another. No lock: a place is taken by a compare-and-exchange, and the
// block's owner alone gives it up.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/entry.h"
#include "sites/budget.h"

namespace heapmeter::sites {

struct Sample {
  uint64_t size;
  uint64_t usable;   // 0: its size class says it
  uint64_t weight;   // see poisson.h
  uint64_t born_ns;  // see coarse_clock.h; 0: not known
  uint32_t site;
  uint32_t epoch;
  Family family;
  bool mapped;
  // The thread that asked for it: see Owner.
  uint16_t record = 0;
  uint32_t turn = 0;
};
static_assert(sizeof(Sample) == 48);

// The bytes that a sample tells of: size / p; and the square of the error of that, size^2 (1 - p) / p^2.
uint64_t stands_for(const Sample &sample) noexcept;
uint64_t variance(const Sample &sample) noexcept;

class Samples {
 public:
  // By who owns the block. False where there is no room: then it is no sample.
  bool add(Budget &budget, const void *block, const Sample &sample) noexcept;
  // Likewise. False when it was not sampled.
  bool find(const void *block, Sample &sample) const noexcept;
  bool take(const void *block, Sample &sample) noexcept;

  // Each one that lives, in no order; false ends.
  bool next(size_t &cursor, const void *&block, Sample &sample) const noexcept;
  Memory memory(size_t table) const noexcept;
  // What of them counts in the budget: the first table is for nothing.
  size_t charged() const noexcept;
  void unmap() noexcept;

  static constexpr size_t kTables = 8;

 private:
  static constexpr unsigned kFirstBits = 8;
  static constexpr size_t kWindow = 16;

  static constexpr size_t places(size_t table) noexcept {
    return (size_t{1} << (kFirstBits + 2 * table)) + kWindow;
  }
  static constexpr size_t bytes(size_t table) noexcept {
    return places(table) * (sizeof(uint64_t) + sizeof(Sample));
  }
  // One after the other, so that a look through a window is one at two cache lines; the samples behind all.
  uint64_t *addresses(size_t table) const noexcept {
    return __atomic_load_n(&tables_[table], __ATOMIC_ACQUIRE);
  }
  static Sample &sample(uint64_t *addresses, size_t table, size_t place) noexcept {
    return reinterpret_cast<Sample *>(addresses + places(table))[place];
  }
  static size_t window(size_t table, uint64_t address) noexcept;
  bool map(Budget &budget, size_t table) noexcept;
  struct Found {
    uint64_t *address;
    Sample *sample;
  };
  Found look_for(uint64_t address) const noexcept;

  uint64_t *tables_[kTables] = {};
};

}  // namespace heapmeter::sites
