/* SPDX-License-Identifier: MIT
 * Preloaded into both runs of a witness test: before main, after every library has read what it wants, gives
 * the program named by SAME_ENVIRONMENT_FOR a fixed environment, for programs copy theirs into the heap, and
 * the meter's variables and valgrind's would differ. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef int (*start_main)(int (*)(int, char **, char **), int, char **, void (*)(void), void (*)(void),
                          void (*)(void), void *);

/* writable: bash splits them in place */
static char fixed[][32] = {"PATH=/usr/bin:/bin", "HOME=/nonexistent",   "LC_ALL=C.UTF-8",
                           "PERL_HASH_SEED=0",   "PERL_PERTURB_KEYS=0", "PYTHONHASHSEED=0",
                           "PYTHONMALLOC=malloc"};
enum { kFixed = sizeof fixed / sizeof *fixed };

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end) {
  char **const variables = argv + argc + 1; /* in place: libc found it by its address */
  static const char name[] = "SAME_ENVIRONMENT_FOR=";
  const char *program = NULL;
  int count = 0;
  for (; variables[count] != NULL; ++count) { /* not by getenv: bash has one of its own, not yet ready */
    if (strncmp(variables[count], name, sizeof name - 1) == 0) program = variables[count] + sizeof name - 1;
  }
  if (program != NULL && strcmp(program, argv[0]) == 0) {
    if (count < kFixed) abort();
    for (int i = 0; i < kFixed; ++i) variables[i] = fixed[i];
    variables[kFixed] = NULL;
  }
  void *symbol = dlsym(RTLD_NEXT, "__libc_start_main");
  start_main real;
  memcpy(&real, &symbol, sizeof real);
  return real(main, argc, argv, init, fini, rtld_fini, stack_end);
}
