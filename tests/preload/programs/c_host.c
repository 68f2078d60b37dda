/* SPDX-License-Identifier: MIT
 * A C program that loads a C++ library: c_host PLUGIN local|global|deepbind */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  int mode = RTLD_NOW;
  if (strcmp(argv[2], "global") == 0) mode |= RTLD_GLOBAL;
  if (strcmp(argv[2], "deepbind") == 0) mode |= RTLD_DEEPBIND;
  void *plugin = dlopen(argv[1], mode);
  if (plugin == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  void *symbol = dlsym(plugin, "plugin_work");
  char *(*work)(void);
  memcpy(&work, &symbol, sizeof symbol);
  char *text = work();
  puts(text);
  free(text);
  return dlclose(plugin);
}
