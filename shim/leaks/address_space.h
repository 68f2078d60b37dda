// SPDX-License-Identifier: MIT
//
// What a process has mapped, as /proc/PID/maps lists it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "leaks/areas.h"

namespace heapmeter::leaks {

struct Mapping {
  enum class Kind : uint8_t {
    kAnonymous,
    kStack,   // the main thread's
    kMemory,  // shared, of no file on a disk
    kFile,    // relocated data and others' files
    kDevice,  // reading may do something
    kKernels  // vdso and the like
  };

  uintptr_t start, end;
  uint64_t inode;  // 0: none
  bool readable, writable, shared;
  bool sparse;  // memory of which the kernel tells what was never written: to read that would make it
  Kind kind;
  bool executable;
};

class AddressSpace {
 public:
  static constexpr size_t kMost = 70'000;  // above vm.max_map_count

  // False where it cannot be read, or is not all listed. It stays until forget().
  bool read(const char *path) noexcept;
  void forget() noexcept;

  size_t size() const noexcept { return size_; }
  const Mapping &operator[](size_t at) const noexcept { return mappings_[at]; }
  size_t first_behind(uintptr_t address) const noexcept {
    return leaks::first_behind(mappings_, size_, address);
  }

  // Where this list itself lies, and what it was made from.
  Area own() const noexcept {
    const auto start = reinterpret_cast<uintptr_t>(mappings_);
    return {start, start + bytes_};
  }
  void add_own(Areas &areas) const noexcept { areas.add(own().start, own().end); }

  // The lines of a whole text, so many of them as there is room for.
  static size_t parse(const char *text, Mapping *out, size_t most) noexcept;

 private:
  static constexpr size_t kTextBytes = 1 << 20, kMostTextBytes = 16 << 20;

  enum class Reading { kAll, kTooLong, kNot };
  Reading read(const char *path, size_t text_bytes) noexcept;

  Mapping *mappings_ = nullptr;
  size_t size_ = 0, bytes_ = 0;
};

}  // namespace heapmeter::leaks
