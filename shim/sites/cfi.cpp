// SPDX-License-Identifier: MIT
#include "sites/cfi.h"

#include "sites/cfi_row.h"

namespace heapmeter::sites {

#if defined(__x86_64__)

namespace {

// Of a function's offset into the linkage table: pushed one word deeper from this instruction on.
Rule of_linkage_table(const Row &row, uintptr_t pc) noexcept {
  constexpr uintptr_t kBytes = 16;
  const bool pushed = pc % kBytes >= row.pushed_from;
  return {Way::kFromSp, row.offset + (pushed ? 8 : 0), 0};
}

Rule reduced(const Row &row, uintptr_t pc) noexcept {
  if (row.ip.how == Saved::How::kUndefined) return {Way::kEnd, 0, 0};
  if (row.ip.how != Saved::How::kAtCfa || row.ip.offset != -8) return {};
  if (row.cfa == Row::Cfa::kLinkageTable) return of_linkage_table(row, pc);
  if (row.cfa == Row::Cfa::kInMemoryAtBp) {
    const bool usual = row.bp.how == Saved::How::kAtBp && row.bp.offset == 0;
    return usual ? Rule{Way::kAtBp, row.offset, 0} : Rule{};
  }
  if (row.cfa != Row::Cfa::kRegister) return {};
  int64_t saved_bp = 0;
  if (row.bp.how == Saved::How::kAtCfa) {
    saved_bp = row.bp.offset;
  } else if (row.bp.how != Saved::How::kSame && row.bp.how != Saved::How::kUndefined) {
    return {};
  }
  if (saved_bp > 0) return {};
  if (row.base == Row::kSp) return {Way::kFromSp, row.offset, saved_bp};
  if (row.base == Row::kBp) return {Way::kFromBp, row.offset, saved_bp};
  return {};
}

}  // namespace

Rule rule_of(const FrameEntry &entry, uintptr_t pc) noexcept {
  if (entry.found == FrameEntry::Found::kNo) return {Way::kNone, 0, 0};
  if (entry.found == FrameEntry::Found::kSilent) return {Way::kSilent, 0, 0};
  if (entry.found == FrameEntry::Found::kOdd) return {};
  if (entry.is_signal_frame) return {Way::kSignal, 0, 0};
  Row row;
  return row.run(entry, pc) ? reduced(row, pc) : Rule{};
}

#else

// Rows of other machines are not read: frame pointers have another shape there, too.
Rule rule_of(const FrameEntry &, uintptr_t) noexcept { return {}; }

#endif

Rule rule_at(uintptr_t pc) noexcept { return rule_of(frame_entry_of(pc), pc); }

}  // namespace heapmeter::sites
