// SPDX-License-Identifier: MIT
#include "tracking/caller.h"

namespace heapmeter::caller {
namespace {

// No function of ours is so many calls deep.
constexpr int kMostOwn = 32;

}  // namespace

sites::Registers step_over_library(sites::Registers registers) noexcept {
  for (int i = 0; i < kMostOwn && is_own_code(registers.ip) && sites::step_out(registers); ++i) {
  }
  return registers;
}

}  // namespace heapmeter::caller
