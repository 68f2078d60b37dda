// SPDX-License-Identifier: MIT
//
// The readings an account is made of, as close together as they can be.
#pragma once

#include "readings/account.h"
#include "readings/target.h"

namespace heapmeter::cli {

// Throws UserError, and ProcessEnded.
Account take_account(const Target &target, std::chrono::milliseconds patience);

}  // namespace heapmeter::cli
