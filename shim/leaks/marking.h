// SPDX-License-Identifier: MIT
//
// What can be reached: words that point into live blocks reach them, and so do the words of those.
#pragma once

#include "leaks/areas.h"
#include "leaks/blocks.h"
#include "leaks/memory.h"

namespace heapmeter::leaks {

class Marking {
 public:
  // `unreadable`: within the heap, what a bare load would fault on.
  Marking(Blocks &blocks, Memory &memory, const Areas &unreadable) noexcept
      : blocks_(blocks), memory_(memory), unreadable_(unreadable) {}

  // False where there is no memory for the list of those whose words are still to be looked at.
  bool reserve() noexcept;

  HEAPMETER_INLINE void word(uint64_t value) noexcept {
    const uintptr_t start = blocks_.around(value);
    if (start != 0 && blocks_.reach(start)) waiting_[count_++] = start;
  }
  void words(const uint64_t *words, size_t count) noexcept {
    for (size_t at = 0; at < count; ++at) word(words[at]);
  }
  // Until no more can be reached. `reached(start)` is told of each block but those that words() was given.
  //
  // What a word points at is asked for, the block itself and what is known of it, before it is looked at:
  // memory gives several places in the time of one.
  template <typename Reached>
  void follow(Reached reached) noexcept {
    uint64_t ahead[kAhead];
    size_t begun = 0, ended = 0;
    const auto look_at_one = [&] {
      const uintptr_t start = blocks_.around(ahead[ended++ % kAhead]);
      if (start == 0 || !blocks_.reach(start)) return;
      reached(start);
      waiting_[count_++] = start;
    };
    while (count_ != 0 || begun != ended) {
      if (count_ == 0) {
        look_at_one();
        continue;
      }
      const uintptr_t next = waiting_[--count_];
      if (count_ >= kDeep) blocks_.fetch(waiting_[count_ - kDeep]);
      each_word(next, [&](uint64_t value) {
        if (!blocks_.within(value)) return;
        blocks_.fetch(value);
        if (begun - ended == kAhead) look_at_one();
        ahead[begun++ % kAhead] = value;
      });
    }
  }
  void follow() noexcept {
    follow([](uintptr_t) {});
  }

  // Those in a block, with where they are.
  template <typename Take>
  void each_word_at(uintptr_t start, Take take) noexcept {
    const size_t bytes = blocks_.size(start) & -sizeof(uint64_t);
    const auto each = [&](const uint64_t *words, size_t count, uintptr_t from) {
      for (size_t at = 0; at < count; ++at) take(words[at], from + at * sizeof *words);
    };
    const bool loadable = is_loadable(start, start + bytes);
    if (loadable && bytes < kLarge) {
      each(reinterpret_cast<const uint64_t *>(start), bytes / sizeof(uint64_t), start);
      return;
    }
    const Memory::Way way = loadable ? Memory::Way::kLoadWritten : Memory::Way::kAsk;
    unread_ += memory_.words(start, start + bytes, way, each);
  }
  template <typename Take>
  void each_word(uintptr_t start, Take take) noexcept {
    each_word_at(start, [&](uint64_t word, uintptr_t) { take(word); });
  }

  Blocks &blocks() noexcept { return blocks_; }
  uint64_t unread_bytes() const noexcept { return unread_; }

 private:
  static constexpr size_t kLarge = 256 << 10;
  // Between two of the unreadable areas lie thousands of blocks.
  bool is_loadable(uintptr_t start, uintptr_t end) noexcept {
    if (HEAPMETER_LIKELY(start >= loadable_.start && end <= loadable_.end)) return true;
    const size_t next = unreadable_.first_behind(start);
    loadable_ = {next == 0 ? 0 : unreadable_[next - 1].end,
                 next == unreadable_.size() ? UINTPTR_MAX : unreadable_[next].start};
    return end <= loadable_.end;
  }

  // Measured: fewer wait for memory, more lose again what they fetched.
  static constexpr size_t kAhead = 16, kDeep = 4;

  Blocks &blocks_;
  Memory &memory_;
  const Areas &unreadable_;
  Area loadable_{0, 0};
  uintptr_t *waiting_ = nullptr;
  size_t count_ = 0;
  uint64_t unread_ = 0;
};

}  // namespace heapmeter::leaks
