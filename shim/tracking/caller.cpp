// SPDX-License-Identifier: MIT
#include "tracking/caller.h"

// From the linker: where the library begins, and where its code ends.
extern "C" {
extern const char __ehdr_start[] HEAPMETER_HIDDEN;
extern const char etext[] HEAPMETER_HIDDEN;
}

namespace heapmeter::caller {
namespace {

// No function of ours is so many calls deep.
constexpr int kMostOwn = 32;

bool is_ours(uintptr_t address) noexcept {
  const auto start = reinterpret_cast<uintptr_t>(__ehdr_start), end = reinterpret_cast<uintptr_t>(etext);
  return address - start < end - start;
}

}  // namespace

sites::Registers leave_library(sites::Registers registers) noexcept {
  for (int i = 0; i < kMostOwn && is_ours(registers.ip) && sites::step_out(registers); ++i) {
  }
  return registers;
}

}  // namespace heapmeter::caller
