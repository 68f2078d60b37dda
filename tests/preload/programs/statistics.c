/* SPDX-License-Identifier: MIT
 * glibc's statistics tell of the heap the program has. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char text[4096] = "";
  const size_t before = mallinfo2().uordblks;
  char *block = malloc(50000);
  const size_t more = mallinfo2().uordblks - before;
  printf("mallinfo2: %s\n", more >= 50000 && more < 70000 ? "as it is" : "otherwise");
  free(block);
  block = malloc(64 << 20);
  printf("with mappings of their own: %d, %s\n", (int)mallinfo2().hblks,
         mallinfo2().hblkhd >= 64 << 20 ? "all of it" : "too little");
  free(block);
  printf("mallopt: %d\n", mallopt(M_MXFAST, 64));
  char *blocks[2000];
  struct mallinfo2 freed = {0};
  /* An allocator gives memory back after a while: one that passes before the question, where other programs
     have the processor, makes it another question. */
  for (int tries = 0; tries < 100 && freed.fordblks < 15 << 20; ++tries) {
    if (tries > 0) free(blocks[1999]);
    for (int i = 0; i < 2000; ++i) memset(blocks[i] = malloc(10000), 1, 10000);
    for (int i = 0; i < 1999; ++i) free(blocks[i]);
    freed = mallinfo2();
  }
  printf("malloc_trim: %s\n", malloc_trim(0) >= 0 ? "called" : "");
  printf("free within the heap: %s, %s, %s\n", freed.fordblks >= 15 << 20 ? "most of 20 MB" : "too little",
         freed.ordblks >= 1 ? "in pieces" : "in none",
         freed.arena == freed.uordblks + freed.fordblks ? "which the sum says" : "which no sum says");
  free(blocks[1999]);
  FILE *stream = fmemopen(text, sizeof text, "w");
  printf("malloc_info: %d\n", malloc_info(0, stream));
  fclose(stream);
  printf("%s\n", strstr(text, "<malloc version=\"1\">") == text ? "a document" : text);
  return 0;
}
