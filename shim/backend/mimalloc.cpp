// SPDX-License-Identifier: MIT
#include "backend/mimalloc.h"

#include <mimalloc.h>

static_assert(HEAPMETER_MIMALLOC == MI_MALLOC_VERSION,
              "mimalloc is another one since this was configured: meson setup --reconfigure");

namespace heapmeter::mimalloc {
namespace {

constexpr long kNeverMs = 1'000'000'000;
[[maybe_unused]] constexpr long kUsualMs = 25;

}  // namespace

bool is_as_built() noexcept { return mi_version() / 10 == MI_MALLOC_VERSION / 10; }

bool loses_aligned_blocks() noexcept { return MI_MALLOC_VERSION >= 300 && mi_version() <= 301; }

constinit uint16_t small_classes[1024 / kGranule + 1] = {};

void know_small_classes() noexcept {
  for (size_t bin = 0; bin < sizeof small_classes / sizeof *small_classes; ++bin)
    small_classes[bin] = static_cast<uint16_t>(class_bytes(bin * kGranule));
}

#if MI_MALLOC_VERSION < 300

void keep_surplus() noexcept { mi_option_set_default(mi_option_segment_decommit_delay, kNeverMs); }

// Soon: mimalloc puts off a segment's time by the "extension" at each page that becomes free in it. So after
// as many pages as the delay has ms, or after that time, the next one takes all of them along, neighbours in
// one call. A call for each page takes the kernel ten times as long.
void give_back_soon(bool yes, long pages_together) noexcept {
  mi_option_set(mi_option_decommit_delay, yes ? pages_together : kUsualMs);
  mi_option_set(mi_option_decommit_extend_delay, yes ? -1 : 1);
  mi_option_set(mi_option_segment_decommit_delay, yes ? 0 : kNeverMs);
}

bool gives_back_soon() noexcept { return mi_option_get(mi_option_decommit_extend_delay) < 0; }

#else

// It reserves a GiB of addresses at the first block, which a limit that the program sets later would count.
// The first of its arenas is as large as a segment of the 2.0 series instead; each eight more are twice as
// large.
void keep_surplus() noexcept {
  mi_option_set(mi_option_arena_reserve, kSegment / 1024);
  mi_option_set(mi_option_arena_purge_mult, 1);
  mi_option_set(mi_option_purge_delay, kNeverMs);
}

// When free memory is due, is settled when it becomes free, for a whole arena: what came before is given back
// by the collect() that follows.
void give_back_soon(bool yes, long pages_together) noexcept {
  mi_option_set(mi_option_purge_delay, yes ? pages_together : kNeverMs);
}

bool gives_back_soon() noexcept { return mi_option_get(mi_option_purge_delay) < kNeverMs; }

#endif

// A thread that never allocated has no heap, and without one mimalloc does nothing.
void collect() noexcept {
  mi_thread_init();
  mi_collect(true);
}

}  // namespace heapmeter::mimalloc
