// SPDX-License-Identifier: MIT
#include "leaks/groups.h"

#include "base/sys.h"

namespace heapmeter::leaks {
namespace {

constexpr size_t kNone = ~size_t{0};
constexpr uint32_t kInDoubt = UINT32_MAX;

// Each block leads to another of its group, or is its first.
class Groups {
 public:
  Groups(size_t count) noexcept : leads_to_(static_cast<uint32_t *>(sys::map(count * sizeof(uint32_t)))) {
    if (leads_to_ == nullptr) return;
    for (size_t at = 0; at < count; ++at) leads_to_[at] = static_cast<uint32_t>(at);
  }
  bool any() const noexcept { return leads_to_ != nullptr; }

  uint32_t first_of(size_t block) noexcept {
    auto at = static_cast<uint32_t>(block);
    while (leads_to_[at] != at) at = leads_to_[at] = leads_to_[leads_to_[at]];
    return at;
  }
  void join(size_t one, size_t other) noexcept { leads_to_[first_of(one)] = first_of(other); }

 private:
  uint32_t *leads_to_;
};

size_t find(const Lost *lost, size_t count, uintptr_t address) noexcept {
  size_t low = 0, high = count;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (lost[middle].address < address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count && lost[low].address == address ? low : kNone;
}

}  // namespace

bool doubt_largest_groups(Lost *lost, size_t count, uint64_t registers, Marking &marking) noexcept {
  for (size_t at = 0; at < count; ++at) lost[at].group = static_cast<uint32_t>(at);
  if (count == 0) return true;
  Groups groups(count);
  // Of a group's first block, how many it has; and how many groups have so many.
  auto *members = static_cast<uint32_t *>(sys::map((2 * count + 1) * sizeof(uint32_t)));
  if (!groups.any() || members == nullptr) {
    for (size_t at = 0; at < count; ++at) lost[at].perhaps = true;
    return false;
  }
  uint32_t *groups_of = members + count;
  for (size_t at = 0; at < count; ++at) {
    marking.each_word(lost[at].address, [&](uint64_t word) {
      const uintptr_t start = marking.blocks().around(word);
      const size_t other = start == 0 ? kNone : find(lost, count, start);
      if (other != kNone) groups.join(at, other);
    });
  }
  for (size_t at = 0; at < count; ++at) ++members[lost[at].group = groups.first_of(at)];
  if (registers == 0) return true;
  for (size_t at = 0; at < count; ++at) {
    if (members[at] != 0) ++groups_of[members[at]];
  }
  // All groups of more members than `least` are in doubt, and `left` of those that have as many.
  uint64_t left = registers;
  size_t least = count;
  while (least > 1 && groups_of[least] < left) left -= groups_of[least--];
  for (size_t at = 0; at < count; ++at) {
    if (members[at] == least && left != 0) {
      --left;
      members[at] = kInDoubt;
    } else if (members[at] > least) {
      members[at] = kInDoubt;
    }
  }
  for (size_t at = 0; at < count; ++at) lost[at].perhaps = members[lost[at].group] == kInDoubt;
  return true;
}

}  // namespace heapmeter::leaks
