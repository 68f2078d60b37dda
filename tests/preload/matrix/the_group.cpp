// SPDX-License-Identifier: MIT
//
// Which group this test program has: HEAPMETER_GROUP, of meson's list.
#include "row.h"

namespace heapmeter::testing::matrix {

Group group() { return HEAPMETER_GROUP(); }

}  // namespace heapmeter::testing::matrix
