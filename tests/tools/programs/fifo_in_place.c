/* SPDX-License-Identifier: MIT
 *
 * Maps a file, removes it, and puts a FIFO where the kernel says from then on that the mapping is from
 * ("FILE (deleted)"): whoever opens that waits for a writer. Argument: the file. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int count, char **arguments) {
  if (count != 2) return 2;
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  const int file = open(arguments[1], O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, (off_t)page) != 0) return 1;
  char *place = mmap(NULL, 3 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const int rights = PROT_READ | PROT_WRITE;
  /* Data of a library looks so, with what is in no file behind it. */
  char *data = mmap(place, page, rights, MAP_PRIVATE | MAP_FIXED, file, 0);
  char *behind = mmap(place + page, page, rights, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  if (data == MAP_FAILED || behind == MAP_FAILED) return 1;
  data[0] = behind[0] = 1;
  unlink(arguments[1]);
  char fifo[4096];
  snprintf(fifo, sizeof fifo, "%s (deleted)", arguments[1]);
  if (mkfifo(fifo, 0666) != 0) return 1;
  void *volatile block = malloc(100000);
  printf("ready\n");
  fflush(stdout);
  pause();
  free(block);
  return 0;
}
