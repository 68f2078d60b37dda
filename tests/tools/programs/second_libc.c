// SPDX-License-Identifier: MIT
// Loads a library into a namespace of its own, with a libc of its own.
#define _GNU_SOURCE
#include <dlfcn.h>

#include "wait.h"

int main(void) { return dlmopen(LM_ID_NEWLM, "libm.so.6", RTLD_NOW) == NULL ? 1 : wait_for_the_test(); }
