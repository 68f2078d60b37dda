// SPDX-License-Identifier: MIT
//
// Who points at the wanted blocks, and the shortest way to each from a root: reached breadth first, each
// block remembers which one led to it.
#pragma once

#include "leaks/address_space.h"
#include "leaks/findings.h"
#include "leaks/knowledge.h"
#include "leaks/marking.h"
#include "leaks/roots.h"
#include "leaks/wanted.h"

namespace heapmeter::leaks {

class Holding {
 public:
  struct Given {
    const AddressSpace &space;
    const Roots::Threads &threads;
    const Wanted &wanted;
    const Knowledge &knowledge;
  };

  Holding(const Given &given, Marking &marking, Findings &findings) noexcept
      : given_(given), marking_(marking), blocks_(marking.blocks()), findings_(findings) {}

  // False where there is no memory.
  bool reserve() noexcept;
  void note_wanted() noexcept;
  // Words of a root, of which the first lies there.
  void root(const uint64_t *words, size_t count, uintptr_t at) noexcept;
  // A word that a thread has in a register; 0: of no thread that is known.
  void of_thread(uint64_t word, int tid) noexcept;
  void follow() noexcept;
  void tell() noexcept;

 private:
  static constexpr uint32_t kRoot = UINT32_MAX, kRegister = UINT32_MAX - 1;
  static constexpr size_t kPlaces = 32768, kFull = kPlaces / 2;
  static_assert(kFull >= Findings::kMostHolders && kPlaces >= 2 * Findings::kMostWays);

  // A block that was reached.
  struct Reached {
    uintptr_t start;
    uintptr_t from;    // the word that led to it
    uint32_t through;  // which of the reached that word is in, kRoot or kRegister, whose thread is `from`
    uint32_t
        first;  // of those like this one that follow each other on the way here, the one nearest the root
  };

  void found(uint64_t word, uint32_t through, uintptr_t from) noexcept;
  Holder block_at(uintptr_t start, uintptr_t word) const noexcept;
  Holder root_at(uintptr_t word) const noexcept;
  Holder holder_of(uint32_t through, uintptr_t from) const noexcept;
  void count_pointer(const Holder &holder, uint32_t towards_leaf) noexcept;
  uint32_t way(uint32_t towards, const Holder &holder) noexcept;
  void note_way(uint32_t number) noexcept;

  const Given given_;
  Marking &marking_;
  Blocks &blocks_;
  Findings &findings_;
  Reached *reached_ = nullptr;
  uint32_t count_ = 0;
  uint64_t most_ = 0;
  uint32_t *pointers_at_ = nullptr, *ways_at_ = nullptr;  // by hash, a number each, from 1 on
};

}  // namespace heapmeter::leaks
