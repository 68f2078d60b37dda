/* SPDX-License-Identifier: MIT
 * Becomes a daemon the old way: forks twice, leaves its session, closes everything, opens /dev/null for its
 * standard streams; what it found it says through a pipe with a name, in its own directory. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *path;

static int live_on(void) {
  usleep(100000); /* what belongs to others has had time to come */
  closefrom(0);
  const int standard[3] = {open("/dev/null", O_RDWR), dup(0), dup(0)};
  char *block = memset(malloc(100000), 'd', 100000);
  const int pipe_end = open(path, O_WRONLY);
  free(block);
  dprintf(pipe_end, "daemon has %d %d %d and %d\n", standard[0], standard[1], standard[2], pipe_end);
  free(path);
  return 0;
}

int main(void) {
  char line[100];
  if (asprintf(&path, "%s/daemon.pipe", getenv("TMPDIR")) < 0 || mkfifo(path, 0600) != 0) return 1;
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    if (fork() != 0) _exit(0);
    chdir("/");
    umask(0);
    exit(live_on());
  }
  waitpid(child, NULL, 0);
  const int pipe_end = open(path, O_RDONLY);
  const ssize_t length = read(pipe_end, line, sizeof line);
  if (length <= 0) return 2;
  fwrite(line, 1, (size_t)length, stdout);
  printf("then %s\n", read(pipe_end, line, sizeof line) == 0 ? "its end" : "something else");
  free(path);
  return 0;
}
