// SPDX-License-Identifier: MIT
//
// Step by step through a call, by the trap flag of x86-64: after each instruction in between comes a SIGTRAP.
#pragma once

#include <ucontext.h>

#define TRAP_FLAG(change)                                       \
  asm volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\t" change    \
               ", (%%rsp)\n\tpopfq\n\tlea 128(%%rsp), %%rsp" :: \
                   : "memory", "cc")
#define BEGIN_TO_STEP() TRAP_FLAG("orq $0x100")
#define END_TO_STEP() TRAP_FLAG("andq $~0x100")

// In the handler: the rest of the call is made at once.
inline void step_no_more(void *context) {
  static_cast<ucontext_t *>(context)->uc_mcontext.gregs[REG_EFL] &= ~0x100;
}
