/* SPDX-License-Identifier: MIT
 * A vfork child, whose memory is its parent's, allows itself few addresses before its exec; what the parent
 * may have does not change. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  const struct rlimit few = {(rlim_t)2000 << 20, (rlim_t)2000 << 20};
  int status = 0;
  free(malloc(1000));
  const pid_t child = vfork();
  if (child == 0) {
    if (setrlimit(RLIMIT_AS, &few) != 0) _exit(9);
    execl("/bin/true", "true", (char *)NULL);
    _exit(9);
  }
  if (waitpid(child, &status, 0) != child) return 1;
  free(malloc(1000));
  return status == 0 ? 0 : 1;
}
