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
  if (!findings.heap.may_have(word)) return;
  uint64_t &lately = findings.lately[(address_of(word) / kGranule * 0x9E3779B97F4A7C15u) >> kLatelyShift];
  if (lately == word) return;
  lately = word;
  if (findings.words_count < Findings::kMostWords)
    findings.words[findings.words_count++] = word;
  else
    findings.words_missed = true;
}

bool Hidden::look(Findings &findings, uint64_t nanoseconds) noexcept {
  const uint64_t until_ns = sys::monotonic_ns() + nanoseconds;
  const bool before = when_ == When::kBefore;
  Area *areas = before ? findings.before : findings.hidden;
  const size_t count = before ? findings.before_count : findings.hidden_count;
  const int rounds = before ? 1 : 2;
  Memory memory;
  // Of what was never written more at once.
  for (size_t part = kPart; round_ < rounds && count != 0;) {
    const bool backwards = round_ % 2 != 0;
    auto &[start, end] = areas[backwards ? count - 1 - at_ : at_];
    const size_t left = end - start - done_, bytes = left < part ? left : part;
    const uintptr_t from = backwards ? end - done_ - bytes : start + done_;
    const uint64_t read_before = memory.read_bytes();
    const uint64_t unread = memory.words(from, from + bytes, Memory::Way::kAskWritten,
                                         [&](const uint64_t *words, size_t size, uintptr_t) {
                                           for (size_t word = 0; word < size; ++word)
                                             keep_word(findings, words[word]);
                                         });
    if (!before && round_ == 0) findings.unread_bytes += unread;
    const bool was_seen = !before || unread == 0;
    part = memory.read_bytes() == read_before ? part * 2 : kPart;
    done_ = bytes == left ? 0 : done_ + bytes;
    // Of an area that went away under the look nothing counts as seen.
    if (!was_seen) start = end, done_ = 0;
    if ((!was_seen || bytes == left) && ++at_ == count) {
      ++round_;
      at_ = 0;
    }
    if (sys::monotonic_ns() >= until_ns) break;
  }
  return round_ == rounds || count == 0;
}

void add_shared(Findings &findings, const AddressSpace &space) noexcept {
  for (size_t at = 0; at < space.size() && findings.before_count < Findings::kMostHidden; ++at) {
    const Mapping &mapping = space[at];
    if (!mapping.shared || !mapping.readable || !mapping.writable || mapping.kind > Mapping::Kind::kFile ||
        mapping.start == reinterpret_cast<uintptr_t>(&findings))
      continue;
    findings.before[findings.before_count++] = {mapping.start, mapping.end};
  }
}

void note_gone(Findings &findings, const AddressSpace &now) noexcept {
  // From there on, until where all the same can be said: whether it was looked at before, or not.
  const auto seen = [&](uintptr_t from, uintptr_t &until) {
    for (size_t at = 0; at < findings.before_count; ++at) {
      const auto [start, end] = findings.before[at];
      if (from - start < end - start) return until = end < until ? end : until, true;
      if (start > from && start < until) until = start;
    }
    return false;
  };
  for (size_t at = 0; at < findings.hidden_count; ++at) {
    const auto [start, end] = findings.hidden[at];
    for (uintptr_t from = start; from < end;) {
      const size_t next = now.first_behind(from);
      const bool any = next < now.size() && now[next].start < end;
      const bool within = any && now[next].start <= from;
      uintptr_t until = within ? now[next].end : any ? now[next].start : end;
      // What is closed to writing may have been made anew so.
      if (within && now[next].writable) {
        from = until;
        continue;
      }
      if (until > end) until = end;
      if (!seen(from, until)) findings.gone_bytes += until - from;
      from = until;
    }
  }
}

}  // namespace heapmeter::leaks
