// SPDX-License-Identifier: MIT
#include "backend/mimalloc.h"

namespace heapmeter::mimalloc {
namespace {

constexpr long kNeverMs = 1'000'000'000;
constexpr long kUsualMs = 25;

}  // namespace

bool is_as_built() noexcept { return mi_version() / 10 == MI_MALLOC_VERSION / 10; }

constinit uint16_t small_classes[1024 / kGranule + 1] = {};

void know_small_classes() noexcept {
  for (size_t bin = 0; bin < sizeof small_classes / sizeof *small_classes; ++bin)
    small_classes[bin] = static_cast<uint16_t>(class_bytes(bin * kGranule));
}

void keep_surplus() noexcept { mi_option_set_default(mi_option_segment_decommit_delay, kNeverMs); }

// Soon: mimalloc puts off a segment's time by the "extension" at each page that becomes free in it. So after
// as many pages as the delay has ms, or after that time, the next one takes all of them along, neighbours in
// one call. A call for each page takes the kernel ten times as long.
void give_back_soon(bool yes, long pages_together) noexcept {
  mi_option_set(mi_option_decommit_delay, yes ? pages_together : kUsualMs);
  mi_option_set(mi_option_decommit_extend_delay, yes ? -1 : 1);
  mi_option_set(mi_option_segment_decommit_delay, yes ? 0 : kNeverMs);
}

// A thread that never allocated has no heap, and without one mimalloc does nothing.
void collect() noexcept {
  mi_thread_init();
  mi_collect(true);
}

}  // namespace heapmeter::mimalloc
