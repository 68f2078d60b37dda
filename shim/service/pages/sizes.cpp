// SPDX-License-Identifier: MIT
#include "service/pages/sizes.h"

#include "backend/allocator.h"
#include "base/compiler.h"
#include "service/pages/who.h"

namespace heapmeter::pages {
namespace {

// `least` and `class_bytes` are the smallest and the largest request that belong to it; `usable` is null when
// not known.
void add_class(TextBuffer &out, uint64_t least, uint64_t class_bytes, const Cell &sum,
               const uint64_t *usable) noexcept {
  if (sum.blocks_in == 0) return;
  out.open("{");
  out.field("least_bytes", least);
  out.field("class_bytes", class_bytes);
  out.field("live_blocks", sum.blocks_in - sum.blocks_out);
  out.field("live_bytes", sum.bytes_in - sum.bytes_out);
  if (usable != nullptr) out.field("usable_bytes", *usable);
  out.field("allocations", sum.blocks_in);
  out.field("frees", sum.blocks_out);
  out.close("}");
}

}  // namespace

void add_classes(TextBuffer &out, Bins &bins) noexcept {
  snapshot::take_bins(bins);
  out.open_field("classes", "[");
  for (size_t bin = 0; bin < kFineBins;) {
    // The fine bins of one size class side by side make the class.
    const size_t class_bytes = backend::class_bytes(bin * kGranule);
    const uint64_t least = fine_bin_least(bin);
    Cell sum{};
    for (; bin < kFineBins && backend::class_bytes(bin * kGranule) == class_bytes; ++bin) {
      sum.blocks_in += bins.fine[bin].blocks_in;
      sum.bytes_in += bins.fine[bin].bytes_in;
      sum.blocks_out += bins.fine[bin].blocks_out;
      sum.bytes_out += bins.fine[bin].bytes_out;
    }
    // Another allocator rounds in ways of its own: what its small blocks take is known of all together only.
    const uint64_t usable = (sum.blocks_in - sum.blocks_out) * class_bytes;
    add_class(out, least, class_bytes, sum, backend::usable_by_size(least) != 0 ? &usable : nullptr);
  }
  for (size_t bin = 0; bin < kCoarseBins; ++bin) {
    const CoarseCell &cell = bins.coarse[bin];
    const uint64_t usable = cell.usable_in - cell.usable_out;
    add_class(out, coarse_bin_least(bin), coarse_bin_bytes(bin), cell.requested, &usable);
  }
  out.close("]");
}

void write_sizes(TextBuffer &out) noexcept {
  static Bins bins HEAPMETER_APART("bins");
  out.open("{");
  add_process(out);
  add_classes(out, bins);
  out.close("}");
}

}  // namespace heapmeter::pages
