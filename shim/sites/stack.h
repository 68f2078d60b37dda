// SPDX-License-Identifier: MIT
// TEMPORARY stand-in until the real one lands.
#pragma once
#include <stddef.h>
#include <stdint.h>
namespace heapmeter::sites {
struct Registers {
  uintptr_t ip, sp, bp;
};
struct Stack {
  uintptr_t frames[256];
  size_t depth;
};
struct Captured {
  uint64_t hash;
  uint32_t site;
  bool cut_short;
};
Captured capture(Stack &stack, const Registers &from) noexcept;
size_t depth(const Stack &stack) noexcept;
uintptr_t frame(const Stack &stack, size_t outermost_first) noexcept;
void remember_site(Stack &stack, uint32_t site) noexcept;
bool step_out(Registers &registers) noexcept;
void invalidate() noexcept;
}  // namespace heapmeter::sites
