// SPDX-License-Identifier: MIT
// Every wrong pairing of calls, once each, then double frees; the program must live through all of them.
#include <cstdlib>
#include <new>

#include "delta.h"

static void *p;

int main() {
  delta_start();
  STEP("new[] free", (p = ::operator new[](40), free(p)));
  STEP("new free", (p = ::operator new(41), free(p)));
  STEP("malloc delete", (p = malloc(42), ::operator delete(p)));
  STEP("malloc delete[]", (p = malloc(43), ::operator delete[](p)));
  STEP("new delete[]", (p = ::operator new(44), ::operator delete[](p)));
  STEP("new[] delete", (p = ::operator new[](45), ::operator delete(p)));
  STEP("new aligned delete", (p = ::operator new (46, std::align_val_t{64}), ::operator delete(p)));
  STEP("new delete aligned", (p = ::operator new(47), ::operator delete (p, std::align_val_t{64})));
  STEP("aligned_alloc delete", (p = aligned_alloc(64, 64), ::operator delete(p)));
  STEP("calloc delete sized", (p = calloc(1, 49), ::operator delete (p, std::size_t{49})));
  STEP("new delete wrong size", (p = ::operator new(50), ::operator delete (p, std::size_t{51})));
  STEP("new[] free large", (p = ::operator new[](5000000), free(p)));
  STEP("realloc of new", (p = ::operator new(52), p = realloc(p, 520), free(p)));
  STEP("memalign free", (p = aligned_alloc(128, 128), free(p)));
  fflush(stdout);
  return 0;
}
