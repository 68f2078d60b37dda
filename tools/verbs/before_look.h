// SPDX-License-Identifier: MIT
//
// What a look will cost, said before it is paid.
#pragma once

#include <string>

#include "readings/reading.h"

namespace heapmeter::cli {

// "" where it is too little to be spoken of.
std::string cost_of_look(const Reading &reading);

// Says it; on a terminal waits for Enter, unless `agreed`. Throws UserError when there is to be no look.
void agree_to_look(const Reading &reading, bool agreed);

}  // namespace heapmeter::cli
