// SPDX-License-Identifier: MIT
//
// The readings an account is made of, as close together as they can be.
#pragma once

#include "readings/account.h"
#include "readings/target.h"

namespace heapmeter::cli {

inline constexpr int kUsualTries = 4;

// Of a process that moves meanwhile the best of so many tries, one at least. Throws UserError, and
// ProcessEnded.
Account take_account(const Target &target, std::chrono::milliseconds patience, int tries = kUsualTries);

}  // namespace heapmeter::cli
