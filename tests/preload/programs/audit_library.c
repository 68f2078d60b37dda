/* SPDX-License-Identifier: MIT
 * For LD_AUDIT: sees every library and every binding, and allocates at each, in the auditor's own namespace.
 */
#define _GNU_SOURCE
#include <link.h>
#include <stdio.h>
#include <stdlib.h>

static int libraries;

unsigned la_version(unsigned version) { return version; }

unsigned la_objopen(struct link_map *map, Lmid_t id, uintptr_t *cookie) {
  (void)map, (void)id, (void)cookie;
  free(malloc(100));
  ++libraries;
  return LA_FLG_BINDTO | LA_FLG_BINDFROM;
}

uintptr_t la_symbind64(Elf64_Sym *symbol, unsigned number, uintptr_t *from, uintptr_t *to, unsigned *flags,
                       const char *name) {
  (void)number, (void)from, (void)to, (void)flags, (void)name;
  free(malloc(200));
  return symbol->st_value;
}

void la_preinit(uintptr_t *cookie) {
  (void)cookie;
  printf("audited: %s\n", libraries > 2 ? "yes" : "no");
  fflush(stdout);
}
