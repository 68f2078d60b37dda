// SPDX-License-Identifier: MIT
//
// Why a look found nothing out.
#pragma once

#include <stdint.h>

namespace heapmeter::leaks {

enum class Failure : uint32_t {
  kNone,
  kNoMemory,      // for the tables
  kNoMaps,        // /proc is not there
  kTooManyParts,  // of the ledger: not all are known
  kWalkDiffers,   // the ledger has not the blocks that were counted: a call was half-way
  kNotPrepared,   // what the image has not got was not looked at before: now it is known what that is
  kUnseen,        // of that, something is new
  kTooManyWords,  // there may point into the heap from there
  kNoProcess,     // may be made, there are too many
  kNoPromise,     // of memory for a copy
  kNoCopy,
};

// Of a call that makes none.
Failure failure_of_copy(long result) noexcept;

// Null where there is none.
const char *words(Failure failure) noexcept;

}  // namespace heapmeter::leaks
