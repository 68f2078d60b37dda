// SPDX-License-Identifier: MIT
// Does what the meter follows: blocks of all sizes, threads, forks and other children, other ids, limits,
// questions about sandboxes; says "ready", and, told so by SIGUSR1, ends by exit.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <sched.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

extern char **environ;

static void use_heap() {
  std::vector<void *> blocks;
  for (int i = 0; i < 60'000; ++i) blocks.push_back(memset(std::malloc(1000), 1, 1000));
  for (void *block : blocks) std::free(block);
  void *large = std::calloc(1, 1 << 20);
  large = std::realloc(large, 40 << 20);
  mlock(large, 4096);
  large = std::realloc(large, 80 << 20);
  std::free(large);
  std::free(aligned_alloc(2 << 20, 6 << 20));
  malloc_trim(0);
  (void)mallinfo2();
  delete new int[100];
}

static void wait_for(pid_t child) {
  if (child > 0) waitpid(child, nullptr, 0);
}

static void start_children(char *self) {
  char *argv[] = {self, const_cast<char *>("child"), nullptr};
  pid_t child = fork();
  if (child == 0) {
    use_heap();
    std::exit(0);
  }
  wait_for(child);
  if ((child = fork()) == 0) execv(self, argv);
  wait_for(child);
  if ((child = fork()) == 0) fexecve(open(self, O_RDONLY), argv, environ);
  wait_for(child);
  if ((child = fork()) == 0) execv("/nowhere", argv), _exit(0);
  wait_for(child);
  if ((child = vfork()) == 0) execv(self, argv), _exit(1);
  wait_for(child);
  if (posix_spawn(&child, self, nullptr, nullptr, argv, environ) == 0) wait_for(child);
}

static void change_what_is_allowed() {
  rlimit limit;
  getrlimit(RLIMIT_NPROC, &limit);
  setrlimit(RLIMIT_NPROC, &limit);
  getrlimit(RLIMIT_AS, &limit);
  setrlimit(RLIMIT_AS, &limit);
  (void)!setuid(getuid());
  (void)!setgid(getgid());
  (void)!seteuid(geteuid());
  unshare(CLONE_FS);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr);
  syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, nullptr);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  mlockall(MCL_CURRENT);
  munlockall();
}

int main(int argc, char **argv) {
  if (argc > 1) return 0;
  sigset_t told;
  sigemptyset(&told);
  sigaddset(&told, SIGUSR1);
  sigprocmask(SIG_BLOCK, &told, nullptr);
  use_heap();
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) threads.emplace_back([] { std::free(std::malloc(100)); });
  for (std::thread &thread : threads) thread.join();
  std::thread([] { (void)!setuid(getuid()); }).join();
  start_children(argv[0]);
  change_what_is_allowed();
  if (std::malloc(5000) == nullptr) return 1;  // lost
  std::puts("ready");
  std::fflush(stdout);
  int number;
  sigwait(&told, &number);
  use_heap();
  return 0;
}
