// SPDX-License-Identifier: MIT
#include "leaks/hidden.h"

#include "base/sys.h"
#include "leaks/blocks.h"
#include "leaks/memory.h"

namespace heapmeter::leaks {
namespace {

constexpr size_t kPart = 2 << 20;
constexpr unsigned kLatelyShift = 64 - Findings::kLatelyBits;

// From there on, until where all the same can be said: whether it is looked at before, or not.
bool is_before(const Findings &findings, uintptr_t from, uintptr_t &until) noexcept {
  for (size_t at = 0; at < findings.before_count; ++at) {
    const auto [start, end] = findings.before[at];
    if (from - start < end - start) {
      if (end < until) until = end;
      return true;
    }
    if (start > from && start < until) until = start;
  }
  return false;
}

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
  Memory memory;
  // Of what was never written more at once.
  for (size_t part = kPart; at_ < count && round_ < kRounds;) {
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
    if ((!was_seen || bytes == left) && ++at_ == count && !before && ++round_ != kRounds) at_ = 0;
    if (sys::monotonic_ns() >= until_ns) break;
  }
  return at_ == count;
}

bool add_absent(const AddressSpace &process, const Findings &image, Area *out, size_t &count) noexcept {
  for (size_t at = 0; at < process.size(); ++at) {
    const Mapping &mapping = process[at];
    if (mapping.kind == Mapping::Kind::kDevice || mapping.kind == Mapping::Kind::kKernels) continue;
    if (mapping.start < process.own().end && mapping.end > process.own().start) continue;
    // Closed to writing now it may have been written before; code is not.
    if (!mapping.writable && (mapping.inode != 0 || mapping.shared)) continue;
    uintptr_t from = mapping.start;
    for (size_t next = first_behind(image.copied, image.copied_count, from); from < mapping.end; ++next) {
      const bool any = next < image.copied_count && image.copied[next].start < mapping.end;
      const uintptr_t until = any ? image.copied[next].start : mapping.end;
      if (until > from) {
        if (count == Findings::kMostHidden) return false;
        out[count++] = {from, until};
      }
      from = any ? image.copied[next].end : mapping.end;
    }
  }
  return true;
}

void drop_gone(Findings &findings, const AddressSpace &space, Area ours) noexcept {
  const auto overlap = [](const Area &one, const Area &other) {
    return one.start < other.end && other.start < one.end;
  };
  const auto is_there = [&](const Area &area) {
    if (overlap(area, ours) || overlap(area, space.own())) return false;
    for (uintptr_t from = area.start; from < area.end;) {
      const size_t next = space.first_behind(from);
      if (next == space.size() || space[next].start > from) return false;
      from = space[next].end;
    }
    return true;
  };
  for (size_t at = 0; at < findings.before_count; ++at) {
    if (!is_there(findings.before[at])) findings.before[at].start = findings.before[at].end;
  }
}

bool add_new(Findings &findings, const AddressSpace &space) noexcept {
  drop_gone(findings, space, {0, 0});
  const size_t known = findings.before_count;
  size_t count = 0;
  add_absent(space, findings, findings.hidden, count);
  for (size_t at = 0; at < count; ++at) {
    const auto [start, end] = findings.hidden[at];
    // What is kept here, addresses among it, is none of the program's.
    if (reinterpret_cast<uintptr_t>(&findings) - start < end - start) continue;
    for (uintptr_t from = start, until = end; from < end; from = until, until = end) {
      if (!is_before(findings, from, until) && findings.before_count < Findings::kMostHidden)
        findings.before[findings.before_count++] = {from, until};
    }
  }
  return findings.before_count != known;
}

void add_shared(Findings &findings, const AddressSpace &space, const Findings *last) noexcept {
  for (size_t at = 0; at < space.size() && findings.before_count < Findings::kMostHidden; ++at) {
    const Mapping &mapping = space[at];
    if (!mapping.shared || !mapping.readable || !mapping.writable || mapping.kind > Mapping::Kind::kFile ||
        mapping.start == reinterpret_cast<uintptr_t>(last))
      continue;
    findings.before[findings.before_count++] = {mapping.start, mapping.end};
  }
}

uint64_t unseen_bytes(const Findings &findings) noexcept {
  uint64_t unseen = 0;
  for (size_t at = 0; at < findings.hidden_count; ++at) {
    const auto [start, end] = findings.hidden[at];
    for (uintptr_t from = start, until = end; from < end; from = until, until = end) {
      if (!is_before(findings, from, until)) unseen += until - from;
    }
  }
  return unseen;
}

}  // namespace heapmeter::leaks
