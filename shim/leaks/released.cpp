// SPDX-License-Identifier: MIT
#include "leaks/released.h"

#include "base/sys.h"

namespace heapmeter::leaks {
namespace {

bool lives(const Lost &lost, Blocks::Behind behind) noexcept {
  const auto *block = reinterpret_cast<const void *>(lost.address);
  ledger::Place place;
  entry::Decoded noted = the_ledger.look_up(block, place);
  if (noted.form == entry::Form::kSampled && behind != nullptr) behind(block, noted);
  return noted.live() && noted.size == lost.size && noted.family == lost.family;
}

}  // namespace

Failure drop_released(Findings &findings, Blocks::Behind behind) noexcept {
  Lost *lost = findings.lost;
  const size_t count = findings.lost_count;
  size_t released = 0;
  // A bit for each group, which has the number of a block.
  uint64_t *groups = nullptr;
  const size_t bytes = (count / 64 + 1) * sizeof *groups;
  for (size_t at = 0; at < count; ++at) {
    if (lives(lost[at], behind)) continue;
    if (groups == nullptr) groups = static_cast<uint64_t *>(sys::map(bytes));
    if (groups == nullptr) return Failure::kNoMemory;
    groups[lost[at].group / 64] |= uint64_t{1} << lost[at].group % 64;
    ++released;
  }
  if (released == 0) return Failure::kNone;
  size_t kept = 0;
  for (size_t at = 0; at < count; ++at) {
    if ((groups[lost[at].group / 64] >> lost[at].group % 64 & 1u) == 0) lost[kept++] = lost[at];
  }
  findings.lost_count = kept;
  sys::unmap(groups, bytes);
  return Failure::kNone;
}

}  // namespace heapmeter::leaks
