/* SPDX-License-Identifier: MIT
 * A deterministic C program for the witness: lists, growing buffers, stdio, aligned blocks, some left live.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
  struct node *next;
  char *text;
};

int main(void) {
  struct node *list = NULL;
  unsigned random = 12345;
  for (int i = 0; i < 20000; ++i) {
    random = random * 1103515245 + 12345;
    struct node *node = malloc(sizeof *node);
    node->text = calloc(1, random >> 16 & 511);
    node->next = list;
    list = node;
    if (i % 5 == 0) node->text = realloc(node->text, 1 + (random >> 8 & 2047));
    if (i % 97 == 0) free(memalign(64, random >> 20));
    if (i % 101 == 0) free(strdup("a string of twenty-five"));
  }
  char *line = NULL;
  size_t room = 0;
  FILE *file = fopen("/proc/self/status", "r");
  long lines = 0;
  while (file != NULL && getline(&line, &room, file) > 0) ++lines;
  if (file != NULL) fclose(file);
  free(line);
  for (int i = 0; i < 15000; ++i) {
    struct node *next = list->next;
    free(list->text);
    free(list);
    list = next;
  }
  /* Not by printf: from glibc 2.38 on it goes another way where there are threads, and heaptrack has one. */
  puts(lines > 10 ? "1" : "0");
  return list == NULL;
}
