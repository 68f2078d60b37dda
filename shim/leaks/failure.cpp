// SPDX-License-Identifier: MIT
#include "leaks/failure.h"

namespace heapmeter::leaks {

const char *words(Failure failure) noexcept {
  switch (failure) {
    case Failure::kNone:
      return nullptr;
    case Failure::kNoMemory:
      return "there is no memory for a look";
    case Failure::kNoMaps:
      return "/proc does not tell all that is mapped";
    case Failure::kTooManyParts:
      return "the heap lies in too many pieces (under ulimit -v, 128 GiB of addresses) for all to be found";
    case Failure::kWalkDiffers:
      return "in each try calls of the program were half-way, or its books are not those of its blocks: try "
             "again when its threads allocate less";
    case Failure::kNotPrepared:
      break;
    case Failure::kUnseen:
      return "in each try the program had just mapped more memory that no copy of it has (MADV_DONTFORK: "
             "V8's "
             "heap, for one): try again when it does less";
    case Failure::kTooManyWords:
      return "memory that no copy of the process has (MADV_DONTFORK), or that it shares, points too often "
             "into the heap for all of it to be followed";
  }
  return "the look failed";
}

}  // namespace heapmeter::leaks
