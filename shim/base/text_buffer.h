// SPDX-License-Identifier: MIT
//
// Text and JSON into a caller's memory: no allocation, no locale, usable in the service thread. What does not
// fit is dropped and overflowed() says so.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter {

class TextBuffer {
 public:
  TextBuffer(char *memory, size_t capacity) noexcept : memory_(memory), capacity_(capacity) {}

  void add(const char *text) noexcept;
  void add(const char *text, size_t bytes) noexcept;
  void add(uint64_t number) noexcept;
  void add_hex(uint64_t number) noexcept;
  // thousandths, written with three decimals.
  void add_thousandths(uint64_t number) noexcept;
  // Between quotes, escaped; bytes that are not UTF-8 become U+FFFD.
  void add_json_string(const char *text, size_t bytes) noexcept;
  void add_json_string(const char *text) noexcept;

  // "name": value, with a comma before it unless it is the first of its object.
  void field(const char *name, uint64_t value) noexcept;
  void field(const char *name, const char *value) noexcept;
  void open_field(const char *name, const char *bracket) noexcept;
  void open(const char *bracket) noexcept;
  void close(const char *bracket) noexcept;

  const char *data() const noexcept { return memory_; }
  size_t size() const noexcept { return size_; }
  size_t capacity() const noexcept { return capacity_; }
  bool overflowed() const noexcept { return overflowed_; }
  void clear() noexcept;
  // Forgets what is beyond this many bytes, which had fitted and ended with a value.
  void shorten(size_t bytes) noexcept {
    size_ = bytes < size_ ? bytes : size_;
    overflowed_ = false;
    first_ = false;
  }

 private:
  void separate() noexcept;

  char *memory_;
  size_t capacity_;
  size_t size_ = 0;
  bool overflowed_ = false;
  bool first_ = true;
};

}  // namespace heapmeter
