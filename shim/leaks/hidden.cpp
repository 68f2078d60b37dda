// SPDX-License-Identifier: MIT
#include "leaks/hidden.h"

#include "base/sys.h"
#include "leaks/memory.h"

namespace heapmeter::leaks {
namespace {

constexpr size_t kPart = 2 << 20;

}  // namespace

void keep_word(Findings &findings, uint64_t word) noexcept {
  const uint64_t address = word & ((uint64_t{1} << 48) - 1);
  if (address - findings.heap_start >= findings.heap_end - findings.heap_start) return;
  if (findings.words_count < Findings::kMostWords)
    findings.words[findings.words_count++] = word;
  else
    findings.unread_bytes += sizeof word;
}

bool Hidden::look(Findings &findings, uint64_t nanoseconds) noexcept {
  const uint64_t until_ns = sys::monotonic_ns() + nanoseconds;
  Memory memory;
  // Of what was never written more at once.
  for (size_t part = kPart; at_ < findings.hidden_count;) {
    if (sys::monotonic_ns() >= until_ns) return false;
    const auto [start, end] = findings.hidden[at_];
    const uintptr_t from = next_ < start ? start : next_;
    const uintptr_t until = end - from > part ? from + part : end;
    const uint64_t read_before = memory.read_bytes();
    findings.unread_bytes += memory.words(from, until, Memory::Way::kAskWritten,
                                          [&](const uint64_t *words, size_t count, uintptr_t) {
                                            for (size_t word = 0; word < count; ++word)
                                              keep_word(findings, words[word]);
                                          });
    part = memory.read_bytes() == read_before ? part * 2 : kPart;
    next_ = until;
    if (until == end) ++at_;
  }
  return true;
}

}  // namespace heapmeter::leaks
