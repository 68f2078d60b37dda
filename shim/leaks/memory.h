// SPDX-License-Identifier: MIT
//
// Words of this process's memory, read by way of the kernel where a bare load could fault or raise a signal.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "leaks/resident_runs.h"
#include "leaks/written_runs.h"

namespace heapmeter::leaks {

class Memory {
 public:
  Memory() noexcept;
  ~Memory();
  Memory(const Memory &) = delete;
  Memory &operator=(const Memory &) = delete;

  // How to come by them.
  enum class Way {
    kLoad,         // readable, private, no file's
    kLoadWritten,  // likewise; much of it may never have been written, and reading would make that ours
    kAsk,
    kAskWritten,
    kAskOwn,       // of a file's, private: what was written over
    kAskResident,  // memory that is shared: of what of it is in memory
  };
  // Every aligned word of [start, end), in runs: `take(words, count, at)`, of which the first
  // is at that address. Returns the bytes that could not be
  // read.
  template <typename Take>
  uint64_t words(uintptr_t start, uintptr_t end, Way way, Take take) noexcept {
    const bool may_load = way <= Way::kLoadWritten;
    const bool all = way == Way::kLoad || way == Way::kAsk;
    uint64_t unread = 0;
    for (uintptr_t at = whole_words(start); at < end;) {
      const Area run = all                        ? Area{at, end}
                       : way == Way::kAskResident ? resident_.next(at, end)
                                                  : runs_.next(at, end, way == Way::kAskOwn);
      const bool load = may_load && (all || runs_.present());
      for (at = run.start; at < run.end;) {
        const size_t left = run.end - at;
        const size_t bytes = load || left < sizeof buffer_ ? left : sizeof buffer_;
        if (load) {
          take(reinterpret_cast<const uint64_t *>(at), bytes / sizeof(uint64_t), at);
        } else if (read(at, bytes)) {
          take(buffer_, bytes / sizeof(uint64_t), at);
        } else {
          unread += bytes;
        }
        at += bytes;
      }
      read_bytes_ += run.end - run.start;
      at = whole_words(run.end);
    }
    read_bytes_ -= unread;
    return unread;
  }
  uint64_t read_bytes() const noexcept { return read_bytes_; }

 private:
  static uintptr_t whole_words(uintptr_t address) noexcept {
    return (address + sizeof(uint64_t) - 1) & -sizeof(uint64_t);
  }
  bool read(uintptr_t at, size_t bytes) noexcept;

  long descriptor_;
  WrittenRuns runs_;
  ResidentRuns resident_;
  uint64_t read_bytes_ = 0;
  uint64_t buffer_[512];
};

}  // namespace heapmeter::leaks
