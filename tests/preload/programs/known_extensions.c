/* SPDX-License-Identifier: MIT
 * The calls that glibc 2.36 lacks or hides from the linker; unmetered, a missing one prints its label alone.
 */
#define _GNU_SOURCE
#include <stdint.h>

#include "delta.h"

static void *p;
static void *symbol(const char *name) { return dlsym(RTLD_DEFAULT, name); }

#define CALL(type, name, ...) (((type)symbol(name))(__VA_ARGS__))
typedef void *(*allocate_one)(size_t);
typedef void *(*allocate_two)(size_t, size_t);
typedef void *(*resize)(void *, size_t);
typedef void *(*resize_array)(void *, size_t, size_t);
typedef void (*release)(void *);
typedef void (*release_sized)(void *, size_t);
typedef void (*release_aligned)(void *, size_t, size_t);
typedef int (*resize_in_place)(void *, size_t, size_t);
typedef size_t (*ask)(const void *);
typedef int (*allocate_into)(void **, size_t, size_t);

int main(void) {
  delta_start();
  STEP("__libc_malloc", p = CALL(allocate_one, "__libc_malloc", 1001));
  STEP("__libc_realloc", p = CALL(resize, "__libc_realloc", p, 2003));
  STEP("__libc_free", CALL(release, "__libc_free", p));
  STEP("__libc_calloc", p = CALL(allocate_two, "__libc_calloc", 3, 331));
  STEP("free", free(p));
  STEP("__libc_memalign", p = CALL(allocate_two, "__libc_memalign", 128, 1009));
  STEP("free", free(p));
  STEP("__libc_valloc", p = CALL(allocate_one, "__libc_valloc", 1013));
  STEP("free", free(p));
  STEP("__libc_pvalloc", p = CALL(allocate_one, "__libc_pvalloc", 4096));
  STEP("free", free(p));
  if (read_process) {
    STEP("__posix_memalign", CALL(allocate_into, "__posix_memalign", &p, 64, 1019));
    STEP("cfree", CALL(release, "cfree", p));
    STEP("malloc", p = malloc(1021));
    STEP("free_sized", CALL(release_sized, "free_sized", p, 1021));
    STEP("aligned_alloc", p = aligned_alloc(64, 1024));
    STEP("free_aligned_sized", CALL(release_aligned, "free_aligned_sized", p, 64, 1024));
    STEP("malloc", p = malloc(1031));
    STEP("free_sized of a wrong size", CALL(release_sized, "free_sized", p, 1032));
    STEP("_aligned_malloc", p = CALL(allocate_two, "_aligned_malloc", 64, 1033));
    STEP("reallocf", p = CALL(resize, "reallocf", p, 3001));
    STEP("failed reallocf frees", p = CALL(resize, "reallocf", p, (size_t)PTRDIFF_MAX + 1));
    STEP("malloc", p = malloc(1039));
    STEP("reallocarr", CALL(resize_in_place, "reallocarr", &p, 3, 1049));
    STEP("malloc_size", CALL(ask, "malloc_size", p));
    STEP("vfree", CALL(release, "vfree", p));
    STEP("malloc_good_size", ((size_t(*)(size_t))symbol("malloc_good_size"))(1000));
    STEP("reallocarray via name", p = CALL(resize_array, "reallocarray", NULL, 5, 211));
    STEP("__libc_cfree", CALL(release, "__libc_cfree", p));
  }
  fflush(stdout);
  return 0;
}
