// SPDX-License-Identifier: MIT
//
// Where reaching begins: all that the program can write, or could, but for the heap and the meter's own:
// data of every object, stacks, thread-local storage, mappings of its own.
//
// Of a stack whose thread sleeps, the words below its stack pointer are dead. That is known of the main
// thread's, and of those with a guard below them, where the thread was found at the same place before and
// after the image was taken.
#pragma once

#include "leaks/address_space.h"
#include "leaks/areas.h"
#include "leaks/code_words.h"
#include "leaks/marking.h"
#include "leaks/threads.h"

namespace heapmeter::leaks {

class Roots {
 public:
  struct Threads {
    const Standing *before;
    size_t before_count;
    const Standing *after;
    size_t after_count;
    uintptr_t own_stack_pointer;  // of the thread that asks for the look; 0: it has no stack of the program's
  };

  Roots(const AddressSpace &space, const Areas &skipped, const Threads &threads) noexcept
      : space_(space), skipped_(skipped), threads_(threads) {}

  // `each(words, count, at)`.
  template <typename Each>
  void words(Memory &memory, Each each) noexcept {
    for (size_t at = 0; at < space_.size(); ++at) {
      if (is_root(at)) unread_ += words_of(at, memory, each);
    }
  }
  // What is shared with others once more, from the end: they write there meanwhile.
  template <typename Each>
  void shared_again(Memory &memory, Each each) noexcept {
    for (size_t at = space_.size(); at-- > 0;) {
      if (space_[at].shared && is_root(at)) words_of(at, memory, each);
    }
  }
  uint64_t unread_bytes() const noexcept { return unread_; }

  // A file's, or a shared one, may be shorter than its mapping; of what is shared others may have written.
  static Memory::Way way_to(const Mapping &mapping) noexcept {
    if (mapping.sparse) return Memory::Way::kAskResident;
    if (mapping.kind > Mapping::Kind::kStack || mapping.shared)
      return mapping.shared || mapping.writable ? Memory::Way::kAsk : Memory::Way::kAskOwn;
    return mapping.readable ? Memory::Way::kLoadWritten : Memory::Way::kAskWritten;
  }

 private:
  // Returns the bytes that could not be read.
  template <typename Each>
  uint64_t words_of(size_t at, Memory &memory, Each each) noexcept {
    const Mapping &mapping = space_[at];
    const Memory::Way way = way_to(mapping);
    uint64_t unread = 0;
    const uintptr_t code_from = mapping.executable ? end_of_stack(at) : mapping.end;
    CodeWords code;
    const auto each_of_code = [&](const uint64_t *words, size_t count, uintptr_t first) {
      each(words, count, first);
      code.take(words, count, first, each);
    };
    uintptr_t from = mapping.start + dead_bytes(at);
    for (size_t next = skipped_.first_behind(from); from < mapping.end; ++next) {
      const bool any = next < skipped_.size() && skipped_[next].start < mapping.end;
      const uintptr_t until = any ? skipped_[next].start : mapping.end;
      if (from < until && from < code_from)
        unread += memory.words(from, until < code_from ? until : code_from, way, each);
      if (from < code_from) from = code_from;
      if (from < until) unread += memory.words(from, until, way, each_of_code);
      from = any ? skipped_[next].end : mapping.end;
    }
    return unread;
  }
  bool is_root(size_t at) const noexcept;
  // Of a program that may execute its stacks, none is code: nor one that no thread has any more. Its start
  // where it begins with none.
  uintptr_t end_of_stack(size_t at) const noexcept;
  bool is_guarded(size_t at) const noexcept;
  size_t dead_bytes(size_t at) const noexcept;

  const AddressSpace &space_;
  const Areas &skipped_;
  const Threads threads_;
  uint64_t unread_ = 0;
};

}  // namespace heapmeter::leaks
