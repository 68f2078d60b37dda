// SPDX-License-Identifier: MIT
//
// Numbers as call frame information has them. Whatever the bytes say, nothing outside them is read: past the
// end there are zeroes, and the reader is spent.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace heapmeter::sites {

class CfiReader {
 public:
  constexpr CfiReader() noexcept = default;
  CfiReader(const uint8_t *at, const uint8_t *end) noexcept : at_(at), end_(end) {
    if (at > end) spend();
  }

  bool ok() const noexcept { return ok_; }
  bool at_end() const noexcept { return at_ >= end_; }
  const uint8_t *at() const noexcept { return at_; }
  const uint8_t *end() const noexcept { return end_; }

  template <typename T>
  T fixed() noexcept {
    T value{};
    if (static_cast<size_t>(end_ - at_) < sizeof value) {
      spend();
      return value;
    }
    memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  uint8_t byte() noexcept { return fixed<uint8_t>(); }

  uint64_t uleb() noexcept {
    unsigned shift = 0;
    uint8_t last = 0;
    return leb(shift, last);
  }
  int64_t sleb() noexcept {
    unsigned shift = 0;
    uint8_t last = 0;
    const uint64_t value = leb(shift, last);
    const bool negative = shift < 64 && (last & 0x40) != 0;
    return static_cast<int64_t>(negative ? value | ~uint64_t{0} << shift : value);
  }

  // DW_EH_PE: absolute or relative to where it stands; through a pointer it is not needed here.
  uint64_t encoded(uint8_t encoding) noexcept {
    constexpr uint8_t kOmitted = 0xff, kRelative = 0x10;
    if (encoding == kOmitted) return 0;
    const auto here = reinterpret_cast<uintptr_t>(at_);
    const uint64_t value = unbased(encoding & 0x0f);
    if (value == 0) return 0;
    switch (encoding & 0xf0) {
      case 0:
        return value;
      case kRelative:
        return value + here;
      default:
        spend();
        return 0;
    }
  }

  // The next `bytes`, apart.
  CfiReader part(uint64_t bytes) noexcept {
    const uint8_t *from = at_;
    skip(bytes);
    return {from, at_};
  }
  void skip(uint64_t bytes) noexcept {
    if (bytes > static_cast<size_t>(end_ - at_)) return spend();
    at_ += bytes;
  }

 private:
  void spend() noexcept {
    ok_ = false;
    at_ = end_;
  }

  uint64_t leb(unsigned &shift, uint8_t &last) noexcept {
    uint64_t value = 0;
    do {
      last = byte();
      if (shift < 64) value |= static_cast<uint64_t>(last & 0x7f) << shift;
      shift += 7;
    } while ((last & 0x80) != 0);
    return value;
  }

  uint64_t unbased(uint8_t format) noexcept {
    switch (format) {
      case 0x00:  // absptr
      case 0x04:  // udata8
      case 0x0c:  // sdata8
        return fixed<uint64_t>();
      case 0x01:
        return uleb();
      case 0x02:
        return fixed<uint16_t>();
      case 0x03:
        return fixed<uint32_t>();
      case 0x09:
        return static_cast<uint64_t>(sleb());
      case 0x0a:
        return static_cast<uint64_t>(int64_t{fixed<int16_t>()});
      case 0x0b:
        return static_cast<uint64_t>(int64_t{fixed<int32_t>()});
      default:
        spend();
        return 0;
    }
  }

  const uint8_t *at_ = nullptr;
  const uint8_t *end_ = nullptr;
  bool ok_ = true;
};

}  // namespace heapmeter::sites
