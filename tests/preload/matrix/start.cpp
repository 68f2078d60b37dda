// SPDX-License-Identifier: MIT
//
// How programs start: who allocates before main, and whose malloc it is.
#include <gtest/gtest.h>

#include "row.h"

namespace heapmeter::testing::matrix {

Group group() {
  return {"start",
          {
              {.name = "before_constructors",
               .promise = "allocating in preinit_array, constructors, exit handlers and destructors",
               .argv = {"@life_phases"},
               .check =
                   [](const Run &run) {
                     EXPECT_EQ(run.report->by_kind("allocations_by_kind", "malloc"), 5)
                         << "four, and stdout's buffer";
                     EXPECT_EQ((*run.report)["live_blocks"], 1);
                   }},
              {.name = "ifunc_resolver",
               .promise = "malloc, calloc, realloc and free inside an IFUNC resolver",
               .argv = {"@ifunc"}},
              {.name = "own_malloc",
               .promise = "an executable with a malloc of its own keeps it",
               .argv = {"@own_malloc"},
               .counted = Counted::kNothing,
               .because = "its blocks are its own; `run` says so"},
              {.name = "own_malloc_partly",
               .promise = "an executable that defines only a part of the malloc family",
               .argv = {"@own_malloc_partly"},
               .counted = Counted::kNothing,
               .because = "its blocks are its own; `run` says so"},
              {.name = "own_new",
               .promise = "replacing only `new(size_t)` and `delete(void*)`: all other forms follow",
               .argv = {"@own_new"}},
          }};
}

}  // namespace heapmeter::testing::matrix
