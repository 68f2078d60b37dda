// SPDX-License-Identifier: MIT
#include "sites/frames.h"

namespace heapmeter::sites {

uint32_t Frames::unchanged_before(uint32_t number) const noexcept {
  uint32_t same = 1;
  for (; same + 4 <= number; same += 4) {
    if ((change(same) | change(same + 1) | change(same + 2) | change(same + 3)) != 0) break;
  }
  while (same < number && change(same) == 0) ++same;
  const uint32_t words = frames_[same].words;
  uint32_t word = 0;
  while (word < words && words_[word].change() == 0) ++word;
  if (same == number && word == words) return number;
  --same;
  while (frames_[same].words > word) --same;
  return same;
}

bool Frames::is_unchanged(uint32_t number) const noexcept {
  uintptr_t changed = 0;
  uint32_t same = 1;
  for (; same + 4 <= number + 1; same += 4) {
    changed |= change(same) | change(same + 1) | change(same + 2) | change(same + 3);
  }
  for (; same <= number; ++same) changed |= change(same);
  const uint32_t words = frames_[number].words;
  for (uint32_t i = 0; i < words; ++i) changed |= words_[i].change();
  return changed == 0;
}

void Frames::put_below(uint32_t number, const Passed *passed, size_t count) noexcept {
  const Frame *outer = &frames_[number];
  uint64_t hash = number == 0 ? 0 : outer->hash;
  uint16_t words = number == 0 ? 0 : outer->words;
  uint16_t needs_bp = number == 0 ? 0 : outer->needs_bp;
  uintptr_t outer_sp = outer->sp, outer_bp = outer->bp;
  for (size_t i = count; i-- > 0;) {
    const Registers &at = passed[i].at;
    const PackedRule rule = passed[i].rule;
    switch (rule.way()) {
      case Way::kFromSp:
      case Way::kFromBp:
        if (rule.saved_bp() != 0) {
          if (needs_bp != 0) words_[words++] = {outer_sp - rule.saved_bp(), outer_bp};
          needs_bp = 0;
        }
        if (rule.way() == Way::kFromBp) needs_bp = 1;
        break;
      case Way::kAtBp:
        words_[words++] = {at.bp, outer_bp};
        words_[words++] = {at.bp - rule.offset(), outer_sp};
        needs_bp = 1;
        break;
      default:  // the outermost
        break;
    }
    hash = hash_on(hash, at.ip);
    frames_[++number] = {at.sp, at.ip, at.bp, hash, 0, words, needs_bp};
    outer_sp = at.sp;
    outer_bp = at.bp;
  }
  count_ = number;
}

}  // namespace heapmeter::sites
