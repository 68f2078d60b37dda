// SPDX-License-Identifier: MIT
#include "leaks/failure.h"

#include <errno.h>

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
    case Failure::kNoProcess:
      return "the kernel makes no copy of the process: its user or control group has as many processes as it "
             "may "
             "(ulimit -u, pids.max)";
    case Failure::kNoPromise:
      return "the kernel makes no copy of the process: it has no memory for one, or, where "
             "vm.overcommit_memory is 2, does not promise so much: 0 lets it, or a larger "
             "vm.overcommit_ratio";
    case Failure::kNoCopy:
      return "the kernel makes no copy of the process";
  }
  return "the look failed";
}

Failure failure_of_copy(long result) noexcept {
  return result == -EAGAIN ? Failure::kNoProcess : result == -ENOMEM ? Failure::kNoPromise : Failure::kNoCopy;
}

}  // namespace heapmeter::leaks
