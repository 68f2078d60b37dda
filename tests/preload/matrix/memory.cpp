// SPDX-License-Identifier: MIT
//
// The quality of memory: what is given, refused and given back must be as with glibc, also where bare
// mimalloc is not.
#include <gtest/gtest.h>

#include "row.h"

namespace heapmeter::testing::matrix {

Group group() {
  return {"memory",
          {
              {.name = "large_zeroed",
               .promise = "calloc of 8 GB, and of 20 times 8 MB, stays unresident",
               .argv = {"@zeroed_untouched"}},
              {.name = "too_much",
               .promise = "a request for 1 TiB is refused with ENOMEM, whoever makes it",
               .argv = {"@too_much"}},
              {.name = "growing",
               .promise = "a block that grows from 1 to 48 MB by realloc is not copied each time",
               .argv = {"@growing_block"}},
          }};
}

}  // namespace heapmeter::testing::matrix
