// SPDX-License-Identifier: MIT
//
// The ledger's entry of one block: what the caller asked for, and by which family of calls. One byte for each
// 16 bytes of heap, so a block of up to 16 bytes has one byte, and its neighbour's must not be touched.
//
//   low 3 bits of the first byte
//   2..4  medium: 16 bits, 0xE000 + size - 1 << 3 | 1 + family, sizes 17 to kTallyLimit
//   5..7  small: one byte, size << 3 | 4 + family, sizes 0 to 16; or, where the upper five bits are more than
//         16, long: they are 17 plus the upper bits of size - kTallyLimit - 1, whose lower 8 are the second
//         byte, sizes to kFineLimit
//   1     irregular: 16 bits, sizes to 2047; the backend knows its usable bytes
//   0     nothing was ever born here (0), freed (kTombstone), or a wide record follows (kWide)
//
// A sampled block's is kSampled, a medium entry of no size: whoever releases it comes the slow way, where
// what the entry does not say is kept by the block's address.
//
// Medium is what nearly all blocks are: written with one store, checked with one compare, no size threshold
// to mispredict but those at 16 and kTallyLimit. Entries are written by whoever owns the block, so plain
// accesses suffice.
//
// No address within a block passes for the start of one. What follows a block's entry up to the next block's
// is 0 or kTombstone: releasing leaves nothing else. So the two bytes behind a first byte are no medium
// entry, whose second is 0xE0 or more; but where a block has 32 bytes they are its second and its neighbour's
// first: its second has the low bits 0, as has every byte of a wide record. Any other first byte is one
// unless it is the second of an entry: see is_second().
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"
#include "base/size_bins.h"

namespace heapmeter {

// Who may release a block.
enum class Family : uint8_t { kNone = 0, kMalloc = 1, kNew = 2, kNewArray = 3 };

namespace entry {

inline constexpr uint8_t kNothing = 0x00;
inline constexpr uint8_t kTombstone = 0x08;
inline constexpr uint8_t kWide = 0x10;
inline constexpr uint16_t kSampled = 0x0004;
inline constexpr unsigned kTagMask = 7;
inline constexpr unsigned kIrregularTag = 1;
inline constexpr unsigned kLastMediumTag = 4;
// A medium entry less this is 8 times the block's size.
inline constexpr unsigned medium_base(Family family) noexcept {
  return 0xE000 - 8 + 1 + static_cast<unsigned>(family);
}
inline constexpr size_t kSmallLimit = 16;
inline constexpr size_t kFirstLong = 17;
inline constexpr size_t kIrregularLimit = 2047;
// A wide record: kWide, the family, the size, the usable bytes; four bits in each byte.
inline constexpr size_t kWideDigits = 12;
inline constexpr size_t kWideBytes = 2 + 2 * kWideDigits;
// The heap bytes a block has at least whose entry is one.
inline constexpr size_t kWideRoom = kWideBytes * kGranule;

enum class Form : uint8_t { kNothing, kTombstone, kRegular, kIrregular, kWide, kSampled };

struct Decoded {
  Form form = Form::kNothing;
  Family family = Family::kNone;
  uint64_t size = 0;
  uint64_t usable = 0;  // wide ones only
  bool mapped = false;  // likewise: the block has a mapping of its own, of `usable` bytes

  bool live() const noexcept { return form >= Form::kRegular; }
};

HEAPMETER_INLINE void write_medium(uint8_t *at, size_t size, Family family) noexcept {
  const auto word = static_cast<uint16_t>(8 * size + medium_base(family));
  memcpy(at, &word, sizeof word);
}

HEAPMETER_INLINE uint16_t read_word(const uint8_t *at) noexcept {
  uint16_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

// More than kTallyLimit where there is no medium entry of that family.
HEAPMETER_INLINE size_t medium_size(const uint8_t *at, Family family) noexcept {
  const uint32_t eightfold = read_word(at) - medium_base(family);
  return eightfold >> 3 | eightfold << 29;
}

// What is left of a block whose entry had two bytes.
HEAPMETER_INLINE void bury_word(uint8_t *at) noexcept {
#if defined(__x86_64__) && !defined(HEAPMETER_SANITIZED)
  // One instruction, where the compiler makes two.
  asm volatile("movw %1, %0" : "=m"(*reinterpret_cast<uint8_t(*)[2]>(at)) : "i"(uint16_t{kTombstone}));
#else
  const uint16_t word = kTombstone;
  memcpy(at, &word, sizeof word);
#endif
}

HEAPMETER_INLINE void write_small(uint8_t *at, size_t size, Family family) noexcept {
  *at = static_cast<uint8_t>(size << 3 | (4 + static_cast<unsigned>(family)));
}

HEAPMETER_INLINE void write_long(uint8_t *at, size_t size, Family family) noexcept {
  static_assert((kFineLimit - kTallyLimit - 1) / 256 + kFirstLong < 32);
  const size_t above = size - (kTallyLimit + 1);
  const size_t code = kFirstLong + above / 256;
  const auto word =
      static_cast<uint16_t>((above % 256) << 8 | code << 3 | (4 + static_cast<unsigned>(family)));
  memcpy(at, &word, sizeof word);
}

// The size of a small or a long block; `code` is the upper five bits of the first byte.
HEAPMETER_INLINE size_t small_or_long(const uint8_t *at, size_t code) noexcept {
  return code < kFirstLong ? code : kTallyLimit + 1 + (code - kFirstLong) * 256 + at[1];
}

// Whether a two-byte entry begins with this byte.
inline bool begins_word(uint8_t first) noexcept {
  const unsigned tag = first & kTagMask;
  return tag != 0 && (tag <= kLastMediumTag || first >> 3 >= kFirstLong);
}
// Whether this byte, which has low bits that are not 0, or is kTombstone or kWide, is the second of an entry.
// The byte before the first of the ledger is one of its own: see ledger.h.
inline bool is_second(const uint8_t *at) noexcept { return begins_word(at[-1]); }

inline void write_digits(uint8_t *at, uint64_t value) noexcept {
  for (size_t i = 0; i < kWideDigits; ++i) at[i] = static_cast<uint8_t>(0x80 | (value >> 4 * i & 15) << 3);
}
inline uint64_t read_digits(const uint8_t *at) noexcept {
  uint64_t value = 0;
  for (size_t i = 0; i < kWideDigits; ++i) value |= uint64_t{at[i] >> 3 & 15u} << 4 * i;
  return value;
}

inline void write_wide(uint8_t *at, size_t size, size_t usable, Family family) noexcept {
  at[0] = kWide;
  at[1] = static_cast<uint8_t>(0x80 | static_cast<unsigned>(family) << 3);
  write_digits(at + 2, size);
  write_digits(at + 2 + kWideDigits, usable);
}

// A block whose usable bytes are its size class's.
inline void write_regular(uint8_t *at, size_t size, Family family) noexcept {
  if (size <= kSmallLimit) {
    write_small(at, size, family);
  } else if (size <= kTallyLimit) {
    write_medium(at, size, family);
  } else {
    write_long(at, size, family);
  }
}

// Any other; the block has at least 32 bytes, and kWideRoom where the size is beyond kIrregularLimit.
inline void write_irregular(uint8_t *at, size_t size, size_t usable, Family family) noexcept {
  if (size > kIrregularLimit) {
    write_wide(at, size, usable, family);
    return;
  }
  at[0] = static_cast<uint8_t>(size << 5 | static_cast<unsigned>(family) << 3 | kIrregularTag);
  // The low bits are 0 where the block may have no third byte.
  at[1] = static_cast<uint8_t>(size >> 3 << 3 | size >> 8);
}

inline Decoded decode(const uint8_t *at) noexcept {
  const unsigned tag = *at & kTagMask;
  if (*at == kNothing || (tag == 0 && *at != kTombstone && *at != kWide) || is_second(at)) return {};
  if (*at == kTombstone) return {Form::kTombstone};
  if (read_word(at) == kSampled) return {Form::kSampled};
  if (*at == kWide) {
    const auto family = static_cast<Family>(at[1] >> 3 & 3u);
    return {Form::kWide, family, read_digits(at + 2), read_digits(at + 2 + kWideDigits)};
  }
  if (tag == kIrregularTag) {
    const unsigned upper = at[1];
    const uint64_t size = (upper & kTagMask) << 8 | (upper & 0xf8u) | *at >> 5;
    return {Form::kIrregular, static_cast<Family>(*at >> 3 & 3u), size};
  }
  if (tag > kLastMediumTag) {
    return {Form::kRegular, static_cast<Family>(tag - kLastMediumTag), small_or_long(at, *at >> 3)};
  }
  const auto family = static_cast<Family>(tag - 1);
  const size_t size = medium_size(at, family);
  return size > kTallyLimit ? Decoded{} : Decoded{Form::kRegular, family, size};
}

inline void write_sampled(uint8_t *at) noexcept { memcpy(at, &kSampled, sizeof kSampled); }

// The block is released: nothing of its entry is left but a tombstone.
inline void bury(uint8_t *at, const Decoded &noted) noexcept {
  if (noted.form == Form::kWide) memset(at + 1, 0, kWideBytes - 1);
  if (noted.form == Form::kWide || !begins_word(*at)) {
    *at = kTombstone;
  } else {
    bury_word(at);
  }
}

}  // namespace entry
}  // namespace heapmeter
