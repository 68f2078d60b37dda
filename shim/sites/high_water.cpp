// SPDX-License-Identifier: MIT
#include "sites/high_water.h"

namespace heapmeter::sites {
namespace {

// Whole ones. A thread that frees what others allocate holds less than nothing, for itself.
uint64_t whole_blocks(uint64_t in, uint64_t out, unsigned bits) noexcept {
  const auto half = static_cast<int64_t>((uint64_t{1} << bits) >> 1);
  return static_cast<uint64_t>((static_cast<int64_t>(in - out) + half) >> bits);
}
uint32_t blocks_now(const Counts &counts, unsigned bits) noexcept {
  return static_cast<uint32_t>(
      whole_blocks(load_whole(counts.blocks_in), load_whole(counts.blocks_out), bits));
}
uint64_t bytes_now(const Counts &counts) noexcept {
  return load_whole(counts.bytes_in) - load_whole(counts.bytes_out);
}

bool is_before(uint32_t moment, uint32_t other) noexcept { return static_cast<int32_t>(moment - other) < 0; }

}  // namespace

template <typename Pauses>
void HighWaterWith<Pauses>::keep(Counts &counts, uint32_t moment) noexcept {
  store_whole(counts.kept.bytes, bytes_now(counts));
  store_whole(counts.kept.blocks, blocks_now(counts, 0));
  __atomic_store_n(&counts.kept.moment, moment, __ATOMIC_RELEASE);
}

// Who changes them after that moment has kept first, so they are as they were if nobody kept meanwhile.
template <typename Pauses>
void HighWaterWith<Pauses>::before_change_of_shared(Counts &counts, uint32_t moment, unsigned bits) noexcept {
  Wide known = halves_of(counts.kept_as_one);
  while (Kept::from(known).moment == 0 || is_before(Kept::from(known).moment, moment)) {
    Pauses::pause();
    const Kept kept{bytes_now(counts), blocks_now(counts, bits), moment};
    Pauses::pause();
    if (change_as_one(counts.kept_as_one, known, kept.as_one())) return;
  }
}

template <typename Pauses>
auto HighWaterWith<Pauses>::held(const Counts &counts, uint32_t moment, unsigned bits) noexcept -> Held {
  // Now first: what changes it meanwhile has kept what it was.
  const uint64_t blocks_out = read(counts.blocks_out), bytes_out = read(counts.bytes_out);
  const Held now{whole_blocks(read(counts.blocks_in), blocks_out, bits), read(counts.bytes_in) - bytes_out};
  Kept kept{};
  do {
    kept.moment = __atomic_load_n(&counts.kept.moment, __ATOMIC_ACQUIRE);
    kept.bytes = load_whole(counts.kept.bytes);
    kept.blocks = load_whole(counts.kept.blocks);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
  } while (kept.moment != load_whole(counts.kept.moment));
  // Or of a moment that came since.
  if (kept.moment == 0 || is_before(kept.moment, moment)) return now;
  return {static_cast<uint64_t>(int64_t{static_cast<int32_t>(kept.blocks)}), kept.bytes};
}

template struct HighWaterWith<NoPauses>;

}  // namespace heapmeter::sites
