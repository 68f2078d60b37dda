// SPDX-License-Identifier: MIT
//
// Whether the process runs under valgrind, which ends it where a system call is made that it does not know.
#pragma once

#include <stdint.h>

namespace heapmeter::valgrind {

// Valgrind's client request RUNNING_ON_VALGRIND: rotations that come to nothing for a processor, followed by
// an exchange with itself; valgrind knows the sequence and answers. See its manual, "The Client Request
// mechanism".
inline bool runs_us() noexcept {
  uint64_t answer = 0;
  const volatile uint64_t request[6] = {0x1001, 0, 0, 0, 0, 0};
#if defined(__x86_64__)
  asm volatile("rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx, %%rbx"
               : "+d"(answer)
               : "a"(request)
               : "cc", "memory");
#elif defined(__aarch64__)
  register uint64_t result asm("x3") = answer;
  register const volatile uint64_t *asked asm("x4") = request;
  asm volatile("ror x12, x12, #3; ror x12, x12, #13; ror x12, x12, #51; ror x12, x12, #61; orr x10, x10, x10"
               : "+r"(result)
               : "r"(asked)
               : "cc", "memory");
  answer = result;
#else
  (void)request;
#endif
  return answer != 0;
}

}  // namespace heapmeter::valgrind
