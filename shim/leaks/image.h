// SPDX-License-Identifier: MIT
//
// What is done in the image: a copy of this process, made by the kernel page by page as the process writes
// on, in which nothing runs but this. It ends with exit_group and never returns.
#pragma once

#include "leaks/address_space.h"
#include "leaks/blocks.h"
#include "leaks/findings.h"
#include "leaks/knowledge.h"
#include "leaks/roots.h"
#include "leaks/wanted.h"

namespace heapmeter::leaks::image {

// In the memory of the process, as all else that is pointed at.
struct Given {
  Findings *findings;
  const AddressSpace *space;  // of the process
  const Standing *before;
  size_t before_count;
  uintptr_t own_stack_pointer;
  Area workshop;  // where all this is
  Knowledge knowledge;
  uint32_t patience_ms;
  // From when on books do that calls half-way leave incomplete, where threads enough are in some.
  uint64_t half_told_from_ns;
  int process, maker;    // whose image it is, and which of its threads made it
  const Wanted *wanted;  // null: what is lost
};

[[noreturn]] void look(const Given &given) noexcept;

}  // namespace heapmeter::leaks::image
