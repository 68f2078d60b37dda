/* SPDX-License-Identifier: MIT
 * The first process of a machine of its own, whose kernel promises no more than it has. Runs each line of
 * /jobs (NAME, what is left to promise in MiB, NAME=VALUE..., --, PROGRAM, ARGUMENT..., with tabs between)
 * and says how it ended: NAME, MiB, exit code or minus the signal, what it said. Then the machine is gone. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_WORDS = 64, SECONDS = 60 };

static void put(const char *path, const char *text) {
  const int file = open(path, O_WRONLY);
  if (file < 0 || write(file, text, strlen(text)) < 0) printf("failed: %s %s\n", path, text);
  close(file);
}

static size_t get(int file, char *text, size_t room) {
  const ssize_t bytes = pread(file, text, room - 1, 0);
  text[bytes < 0 ? 0 : bytes] = '\0';
  return strlen(text);
}

static long committed_kib(void) {
  char text[4096];
  const int file = open("/proc/meminfo", O_RDONLY);
  get(file, text, sizeof text);
  close(file);
  return atol(strstr(text, "Committed_AS:") + 13);
}

static int open_new(const char *path) { return open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600); }

static int run(char **words, char **environment, long mib, int out, int err) {
  char all[32];
  snprintf(all, sizeof all, "%ld", committed_kib() + mib * 1024);
  put("/proc/sys/vm/overcommit_kbytes", all);
  const pid_t child = vfork();
  if (child == 0) {
    dup2(out, 1);
    dup2(err, 2);
    execve(words[0], words, environment);
    _exit(127);
  }
  int status = 0;
  const struct timespec moment = {0, 2000000};
  const time_t end = time(NULL) + SECONDS;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (time(NULL) > end) kill(child, SIGKILL);
    nanosleep(&moment, NULL);
  }
  put("/proc/sys/vm/overcommit_kbytes", "100000000");
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void do_job(char *line) {
  char *rest = NULL, *words[MOST_WORDS] = {NULL}, *environment[MOST_WORDS] = {NULL};
  const char *name = strtok_r(line, "\t", &rest);
  const long mib = atol(strtok_r(NULL, "\t", &rest));
  int count = 0;
  char *word = NULL;
  while ((word = strtok_r(NULL, "\t", &rest)) != NULL && strcmp(word, "--") != 0) environment[count++] = word;
  count = 0;
  while ((word = strtok_r(NULL, "\t", &rest)) != NULL) words[count++] = word;
  const int out = open_new("/out"), err = open_new("/err");
  const int result = run(words, environment, mib, out, err);
  static char said[2][2000];
  get(out, said[0], sizeof said[0]);
  get(err, said[1], sizeof said[1]);
  for (int of = 0; of < 2; ++of)
    for (char *at = said[of]; (at = strpbrk(at, "\n\t")) != NULL;) *at = ' ';
  printf("%s\t%ld\t%d\t%s\t%s\n", name, mib, result, said[0], said[1]);
  close(out);
  close(err);
}

int main(void) {
  static char jobs[1 << 20];
  setvbuf(stdout, NULL, _IOLBF, 0);
  mkdir("/proc", 0755);
  mount("proc", "/proc", "proc", 0, NULL);
  mkdir("/dev", 0755);
  mount("dev", "/dev", "devtmpfs", 0, NULL);
  put("/proc/sys/vm/user_reserve_kbytes", "0");
  put("/proc/sys/vm/admin_reserve_kbytes", "0");
  put("/proc/sys/vm/overcommit_kbytes", "100000000");
  put("/proc/sys/vm/overcommit_memory", "2");
  const int file = open("/jobs", O_RDONLY);
  get(file, jobs, sizeof jobs);
  char *rest = NULL;
  for (char *line = strtok_r(jobs, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
    do_job(line);
  puts("all jobs are done");
  reboot(RB_AUTOBOOT);
  return 0;
}
