// SPDX-License-Identifier: MIT
#include "sites/frames.h"

namespace heapmeter::sites {

namespace {

constexpr ptrdiff_t kAtOnce = 8;

HEAPMETER_INLINE uintptr_t change_of_some(const Frame *first) noexcept {
  uintptr_t changed = 0;
  for (ptrdiff_t i = 0; i < kAtOnce; ++i) {
    changed |= first[i].change();
    asm("" : "+r"(changed));  // or gcc 14 gathers two at a time in a vector's halves, which takes more
  }
  return changed;
}

}  // namespace

uint32_t Frames::unchanged_before(uint32_t number) const noexcept {
  const Frame *same = frames_ + 1, *const end = frames_ + number;
  while (end - same >= kAtOnce && change_of_some(same) == 0) same += kAtOnce;
  while (same < end && same->change() == 0) ++same;
  const Word *word = words_, *const words_end = words_ + same->words();
  while (word < words_end && word->change() == 0) ++word;
  if (same == end && word == words_end) return number;
  const auto words = static_cast<uint32_t>(word - words_);
  do {
    --same;
  } while (same > frames_ && same->words() > words);
  return static_cast<uint32_t>(same - frames_);
}

bool Frames::is_unchanged(uint32_t number) const noexcept {
  uintptr_t changed = 0;
  const Frame *frame = frames_ + 1, *const end = frames_ + number + 1;
  for (; end - frame >= kAtOnce; frame += kAtOnce) changed |= change_of_some(frame);
  for (; frame < end; ++frame) changed |= frame->change();
  const Word *word = words_, *const words_end = words_ + frames_[number].words();
  for (; word < words_end; ++word) changed |= word->change();
  return changed == 0;
}

void Frames::put_below(uint32_t number, const Passed *passed, size_t count) noexcept {
  Frame *frame = frames_ + number;
  uint64_t hash = frame->hash;
  uint32_t reads = frame->reads;
  uintptr_t outer_sp = frame->sp, outer_bp = frame->bp;
  for (const Passed *one = passed + count; one-- > passed;) {
    // From sp, and nothing outside needs bp: most frames.
    static_assert(PackedRule::kFromSpBits == 0 && Frame::kNeedsBp == 1);
    if (HEAPMETER_UNLIKELY(((one->rule.word() | reads) & PackedRule::kWayMask) != 0)) {
      const PackedRule rule = HEAPMETER_KEPT(one)->rule;
      const auto read = [&](uintptr_t at, uintptr_t is) {
        words_[reads / Frame::kWord] = {at, is};
        reads += Frame::kWord;
      };
      if (rule.way() == Way::kAtBp) {
        read(one->bp, outer_bp);
        read(one->bp - rule.offset(), outer_sp);
        reads |= Frame::kNeedsBp;
      } else if (rule.way() != Way::kEnd) {
        if (rule.saved_bp() != 0 && (reads & Frame::kNeedsBp) != 0) {
          read(outer_sp - rule.saved_bp(), outer_bp);
          reads ^= Frame::kNeedsBp;
        }
        if (rule.way() == Way::kFromBp) reads |= Frame::kNeedsBp;
      }
    }
    ++frame;
    hash = hash_on(hash, one->ip);
    // Each by itself: in pairs, as compilers would store them, they cost more than they save.
    store_whole(frame->ip, one->ip);
    store_whole(frame->hash, hash);
    store_whole(frame->sp, outer_sp = one->sp);
    store_whole(frame->site, 0u);
    store_whole(frame->bp, outer_bp = one->bp);
    store_whole(frame->reads, reads);
  }
  count_ = number + static_cast<uint32_t>(count);
}

}  // namespace heapmeter::sites
