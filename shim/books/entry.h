// SPDX-License-Identifier: MIT
//
// The ledger's entry of one block: what the caller asked for, and by which family of calls. One byte for each
// 16 bytes of heap, of which every block has two at least: the backend is asked for kLeastRequest.
//
//   low 3 bits of the first byte
//   1..3  regular: 16 bits, 0x7FF8 + 8 * size + family, sizes to kFineLimit
//   4..6  irregular, 3 + family: 16 bits, sizes to kIrregularLimit; the backend knows its usable bytes
//   0     nothing was ever born here (0), freed (kTombstone), a wide record follows (kWide), the block is a
//         sample (kSampled), or, where others were freed, is in no book (kInNoBook)
//
// Regular is what nearly all blocks are: written with one store, checked with one compare, no size threshold
// to mispredict. Entries are written by whoever owns the block, so plain accesses suffice, on processors with
// a weak order, too: a program that hands a block to another thread does so in order, or could not use it.
//
// No address within a block passes for the start of one: no second byte passes for a first one. What follows
// a block's two bytes, up to the next block's, is 0, kTombstone or kInNoBook: no release leaves anything
// else. A second byte of regular blocks is 0x7F or more, so none that is followed by one of these begins one;
// and where a block has just two, its size is 32 at most, and its second byte 0x7F or 0x80, which begin
// nothing. Those of irregular ones have the low bits 7, which an irregular entry needs for its second. Those
// of a wide record are 0x80 or more and have the low bits 0.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <bit>

#include "base/compiler.h"
#include "base/size_bins.h"

namespace heapmeter {

// Who may release a block.
enum class Family : uint8_t { kNone = 0, kMalloc = 1, kNew = 2, kNewArray = 3 };

namespace entry {

inline constexpr uint8_t kNothing = 0x00;
inline constexpr uint8_t kTombstone = 0x08;
inline constexpr uint8_t kWide = 0x10;
// The fast path takes it for nothing of its own. Size, usable bytes and family are noted where samples are.
inline constexpr uint8_t kSampled = 0x18;
// It keeps its page from going back.
inline constexpr uint8_t kInNoBook = 0x20;
inline constexpr unsigned kTagMask = 7;
inline constexpr unsigned kIrregularSecond = 7;
// A regular entry less this is 8 times the block's size.
inline constexpr unsigned regular_base(Family family) noexcept {
  return 0x7FF8 + static_cast<unsigned>(family);
}
inline constexpr unsigned irregular_tag(Family family) noexcept { return 3 + static_cast<unsigned>(family); }
inline constexpr unsigned kLastTag = irregular_tag(Family::kNewArray);
inline constexpr size_t kIrregularLimit = 1023;
// A wide record: kWide, the family, the size, the usable bytes; four bits in each byte.
inline constexpr size_t kWideDigits = 12;
inline constexpr size_t kWideBytes = 2 + 2 * kWideDigits;
static_assert(kWideBytes * kGranule <= kIrregularLimit + 1, "the block has so many bytes of the ledger");

enum class Form : uint8_t { kNothing, kTombstone, kRegular, kIrregular, kWide, kSampled };

struct Decoded {
  Form form = Form::kNothing;
  Family family = Family::kNone;
  uint64_t size = 0;
  uint64_t usable = 0;  // wide ones only
  bool mapped = false;  // likewise: the block has a mapping of its own, of `usable` bytes
  // A tombstone: its own is away, if there was one. All that is known is that blocks have been thereabouts.
  bool by_window = false;

  bool live() const noexcept { return form >= Form::kRegular; }
};

HEAPMETER_INLINE void write_word(uint8_t *at, uint64_t word) noexcept {
  const auto low = static_cast<uint16_t>(word);
  memcpy(at, &low, sizeof low);
}
HEAPMETER_INLINE uint16_t read_word(const uint8_t *at) noexcept {
  uint16_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

// Of a block whose usable bytes are its size class's.
HEAPMETER_INLINE uint64_t regular(size_t size, Family family) noexcept {
  static_assert(8 * kFineLimit + regular_base(Family::kNewArray) <= UINT16_MAX);
  return 8 * size + regular_base(family);
}
HEAPMETER_INLINE void write_regular(uint8_t *at, size_t size, Family family) noexcept {
  write_word(at, regular(size, family));
}

// More than kFineLimit where it is no regular entry of that family.
HEAPMETER_INLINE size_t size_in(uint64_t word, Family family) noexcept {
  // In 64 bits, or the compiler extends the result anew.
  const uint64_t eightfold = word - uint64_t{regular_base(family)};
  return eightfold >> 3 | eightfold << 61;
}
HEAPMETER_INLINE size_t regular_size(const uint8_t *at, Family family) noexcept {
  return size_in(read_word(at), family);
}

// The same of any family.
HEAPMETER_INLINE size_t regular_size(const uint8_t *at) noexcept {
  const unsigned tag = *at & kTagMask;
  if (tag - 1 >= static_cast<unsigned>(Family::kNewArray)) return kFineLimit + 1;
  return regular_size(at, static_cast<Family>(tag));
}

// What is left of a block.
HEAPMETER_INLINE void bury_word(uint8_t *at) noexcept {
#if defined(__x86_64__) && !defined(HEAPMETER_SANITIZED)
  // One instruction, where the compiler makes two.
  asm volatile("movw %1, %0" : "=m"(*reinterpret_cast<uint8_t(*)[2]>(at)) : "i"(uint16_t{kTombstone}));
#else
  const uint16_t word = kTombstone;
  memcpy(at, &word, sizeof word);
#endif
}

// The first two bytes of an entry, of which neither may be on a page without the other: the page may be
// moving away between two stores. What follows them is stored later. Where a processor stores the two one by
// one, as arm64 may at odd addresses, one of them meets the page that is gone, and after that both are stored
// again.
HEAPMETER_INLINE void write_pair(uint8_t *at, unsigned first, unsigned second) noexcept {
  const auto word = static_cast<uint16_t>(first | second << 8);
  memcpy(at, &word, sizeof word);
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

// Of a record's digits, eight at a time: one in each byte, and back. Bit 7 is set in each that is there.
inline constexpr uint64_t kDigitsThere = 0x8080808080808080;
HEAPMETER_INLINE uint64_t spread(uint64_t value) noexcept {
  static_assert(std::endian::native == std::endian::little);
  value &= 0xFFFFFFFF;
  value = (value | value << 16) & 0x0000FFFF0000FFFF;
  value = (value | value << 8) & 0x00FF00FF00FF00FF;
  value = (value | value << 4) & 0x0F0F0F0F0F0F0F0F;
  return value << 3 | kDigitsThere;
}
HEAPMETER_INLINE uint64_t gather(uint64_t digits) noexcept {
  digits = digits >> 3 & 0x0F0F0F0F0F0F0F0F;
  digits = (digits | digits >> 4) & 0x00FF00FF00FF00FF;
  digits = (digits | digits >> 8) & 0x0000FFFF0000FFFF;
  return (digits | digits >> 16) & 0xFFFFFFFF;
}

// The last four digits, of less than 2^32.
inline constexpr uint32_t kNoMoreDigits = 0x80808080;

HEAPMETER_INLINE void write_digits(uint8_t *at, uint64_t value) noexcept {
  const uint64_t low = spread(value), high = spread(value >> 32);
  memcpy(at, &low, sizeof low);
  memcpy(at + sizeof low, &high, kWideDigits - sizeof low);
}
inline uint64_t read_digits(const uint8_t *at) noexcept {
  uint64_t low, high = 0;
  memcpy(&low, at, sizeof low);
  memcpy(&high, at + sizeof low, kWideDigits - sizeof low);
  return gather(low) | gather(high) << 32;
}
// Of less than 2^32; false where it is more, or is not all there, as while its page is just coming back.
HEAPMETER_INLINE bool read_few_digits(const uint8_t *at, uint64_t &value) noexcept {
  uint64_t low;
  uint32_t high;
  memcpy(&low, at, sizeof low);
  memcpy(&high, at + sizeof low, sizeof high);
  value = gather(low);
  return (low & kDigitsThere) == kDigitsThere && high == kNoMoreDigits;
}

HEAPMETER_INLINE void write_wide(uint8_t *at, size_t size, size_t usable, Family family) noexcept {
  write_pair(at, kWide, 0x80u | static_cast<unsigned>(family) << 3);
  write_digits(at + 2, size);
  write_digits(at + 2 + kWideDigits, usable);
}

// Any other.
HEAPMETER_INLINE void write_irregular(uint8_t *at, size_t size, size_t usable, Family family) noexcept {
  if (size > kIrregularLimit) {
    write_wide(at, size, usable, family);
    return;
  }
  write_pair(at, static_cast<uint8_t>(size << 3 | irregular_tag(family)),
             static_cast<uint8_t>(size >> 5 << 3 | kIrregularSecond));
}

// Both bytes by one load, as of a regular one: between two their page may be moved away.
inline bool is_irregular(unsigned word, Family family) noexcept {
  return (word & kTagMask) == irregular_tag(family) && (word >> 8 & kTagMask) == kIrregularSecond;
}
inline size_t irregular_size(unsigned word) noexcept { return word >> 11 << 5 | (word & 0xff) >> 3; }

// Whether all of a wide record of that family is there, and of less than 2^32 bytes; then `noted` is it.
HEAPMETER_INLINE bool is_whole_wide(const uint8_t *at, Family family, Decoded &noted) noexcept {
  const unsigned head = kWide | (0x80u | static_cast<unsigned>(family) << 3) << 8;
  noted.form = Form::kWide;
  noted.family = family;
  return read_word(at) == head && read_few_digits(at + 2, noted.size) &&
         read_few_digits(at + 2 + kWideDigits, noted.usable);
}

inline void write_sampled(uint8_t *at) noexcept { write_pair(at, kSampled, kNothing); }

inline Decoded decode(const uint8_t *at) noexcept {
  const unsigned word = read_word(at), first = word & 0xff, tag = first & kTagMask;
  if (first == kTombstone) return {Form::kTombstone};
  if (first == kSampled) return {Form::kSampled};
  if (first == kWide) {
    const auto family = static_cast<Family>(word >> 11 & 3u);
    return {Form::kWide, family, read_digits(at + 2), read_digits(at + 2 + kWideDigits)};
  }
  if (tag == 0 || tag > kLastTag) return {};
  if (tag >= irregular_tag(Family::kMalloc)) {
    const auto family = static_cast<Family>(tag - irregular_tag(Family::kNone));
    return is_irregular(word, family) ? Decoded{Form::kIrregular, family, irregular_size(word)} : Decoded{};
  }
  const auto family = static_cast<Family>(tag);
  const size_t size = size_in(word, family);
  return size > kFineLimit ? Decoded{} : Decoded{Form::kRegular, family, size};
}

// The block is released: nothing of its entry is left but a tombstone. Whether that is a record knows who
// read it: by now its page may be away, and back before the next instruction.
inline void bury(uint8_t *at, bool wide) noexcept {
  bury_word(at);
  __atomic_thread_fence(__ATOMIC_RELEASE);  // no digits without an entry
  if (wide) memset(at + 2, 0, kWideBytes - 2);
}

}  // namespace entry
}  // namespace heapmeter
