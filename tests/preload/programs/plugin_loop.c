/* SPDX-License-Identifier: MIT
 * plugin_loop PLUGIN [apart]: a C program that loads and unloads a C++ library a hundred times, or a few
 * times into a namespace of its own (dlmopen), with its own libc. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  const int apart = argc > 2, rounds = apart ? 5 : 100;
  int good = 0;
  for (int i = 0; i < rounds; ++i) {
    void *plugin = apart ? dlmopen(LM_ID_NEWLM, argv[1], RTLD_NOW) : dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (plugin == NULL) {
      fprintf(stderr, "%s\n", dlerror());
      return 1;
    }
    void *symbol = dlsym(plugin, "plugin_words");
    long (*words)(void);
    memcpy(&words, &symbol, sizeof symbol);
    good += words() == 1000;
    free(malloc(1000));
    if (dlclose(plugin) != 0) return 1;
  }
  printf("%d of %d rounds are good\n", good, rounds);
  return 0;
}
