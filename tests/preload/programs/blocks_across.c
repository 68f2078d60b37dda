/* SPDX-License-Identifier: MIT
 * blocks_across PLUGIN apart|here: a plugin loaded by dlmopen with RTLD_DEEPBIND, into a namespace and with a
 * libc of its own or into the program's; blocks made over there are used, resized and freed here: one of the
 * plugin's, and of the other libc's itself some of each size. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *named(void *library, const char *name) {
  void *symbol = dlsym(library, name);
  if (symbol == NULL) exit(3);
  return symbol;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  const int apart = strcmp(argv[2], "apart") == 0;
  void *plugin = dlmopen(apart ? LM_ID_NEWLM : LM_ID_BASE, argv[1], RTLD_NOW | RTLD_DEEPBIND);
  if (plugin == NULL) return fprintf(stderr, "%s\n", dlerror()), 1;
  char *(*work)(void);
  void *(*allocate)(size_t);
  void (*release)(void *);
  *(void **)&work = named(plugin, "plugin_work");
  *(void **)&allocate = named(plugin, "malloc");
  *(void **)&release = named(plugin, "free");
  char *text = realloc(work(), 200);
  printf("%s\n", text);
  free(text);
  static const size_t sizes[] = {1, 24, 100, 1000, 300000};
  for (int i = 0; apart && i < 5; ++i) {
    char *theirs = allocate(sizes[i]), *ours = malloc(sizes[i]), *back = allocate(sizes[i]);
    memset(theirs, 'a' + i, malloc_usable_size(theirs));
    memset(ours, 'A' + i, sizes[i]);
    printf("%c%c\n", theirs[sizes[i] - 1], ours[sizes[i] - 1]);
    free(theirs);
    free(ours);
    release(back);
  }
  return dlclose(plugin);
}
