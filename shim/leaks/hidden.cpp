// SPDX-License-Identifier: MIT
#include "leaks/hidden.h"

#include "base/sys.h"
#include "leaks/blocks.h"
#include "leaks/memory.h"

namespace heapmeter::leaks {
namespace {

constexpr size_t kPart = 2 << 20;
constexpr unsigned kLatelyShift = 64 - Findings::kLatelyBits;

}  // namespace

void keep_word(Findings &findings, uint64_t word) noexcept {
  const uintptr_t address = address_of(word);
  if (address - findings.heap_start >= findings.heap_end - findings.heap_start) return;
  uint64_t &lately = findings.lately[(address / kGranule * 0x9E3779B97F4A7C15u) >> kLatelyShift];
  if (lately == word) return;
  lately = word;
  if (findings.words_count < Findings::kMostWords)
    findings.words[findings.words_count++] = word;
  else
    findings.unread_bytes += sizeof word;
}

bool Hidden::look(Findings &findings, uint64_t nanoseconds) noexcept {
  const uint64_t until_ns = sys::monotonic_ns() + nanoseconds;
  Memory memory;
  // Of what was never written more at once.
  for (size_t part = kPart; round_ < kRounds && findings.hidden_count != 0;) {
    const bool backwards = round_ % 2 != 0;
    const auto [start, end] = findings.hidden[backwards ? findings.hidden_count - 1 - at_ : at_];
    const size_t left = end - start - done_, bytes = left < part ? left : part;
    const uintptr_t from = backwards ? end - done_ - bytes : start + done_;
    const uint64_t read_before = memory.read_bytes();
    const uint64_t unread = memory.words(from, from + bytes, Memory::Way::kAskWritten,
                                         [&](const uint64_t *words, size_t count, uintptr_t) {
                                           for (size_t word = 0; word < count; ++word)
                                             keep_word(findings, words[word]);
                                         });
    if (round_ == 0) findings.unread_bytes += unread;
    part = memory.read_bytes() == read_before ? part * 2 : kPart;
    done_ = bytes == left ? 0 : done_ + bytes;
    if (bytes == left && ++at_ == findings.hidden_count) {
      ++round_;
      at_ = 0;
    }
    if (sys::monotonic_ns() >= until_ns) break;
  }
  return round_ == kRounds || findings.hidden_count == 0;
}

}  // namespace heapmeter::leaks
