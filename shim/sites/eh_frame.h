// SPDX-License-Identifier: MIT
//
// The entry of .eh_frame that covers an address, found through the object's sorted table without the loader's
// lock. Nothing outside the segment that holds the table is read.
#pragma once

#include <stdint.h>

#include "sites/cfi_reader.h"

namespace heapmeter::sites {

struct FrameEntry {
  enum class Found : uint8_t {
    kYes,
    kNo,      // no object's code
    kSilent,  // an object's, without call frame information
    kOdd,     // there is some, of a make that is not read here
  };
  Found found = Found::kNo;
  bool is_signal_frame = false;
  uint8_t encoding = 0;
  uint64_t start = 0;  // of the function
  uint64_t code_factor = 0;
  int64_t data_factor = 0;
  CfiReader common;  // instructions, of all functions alike
  CfiReader own;     // and of this one
};

FrameEntry frame_entry_of(uintptr_t pc) noexcept;
// The same in a table that lies within [low, high), for an address of that object.
FrameEntry frame_entry_in(const uint8_t *table, const uint8_t *low, const uint8_t *high,
                          uintptr_t pc) noexcept;

}  // namespace heapmeter::sites
