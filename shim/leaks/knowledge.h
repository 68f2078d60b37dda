// SPDX-License-Identifier: MIT
//
// What the rooms above know of a block and the ledger does not.
#pragma once

#include "leaks/blocks.h"

namespace heapmeter::leaks {

struct Knowledge {
  Blocks::Behind behind;                   // its size and family, where its entry says that it is a sample
  uint32_t (*site_of)(const void *block);  // 0: not known
};

}  // namespace heapmeter::leaks
