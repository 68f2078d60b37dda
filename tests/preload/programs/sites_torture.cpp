// SPDX-License-Identifier: MIT
//
// sites_torture THREADS ROUNDS: threads make and release blocks deep down and on stacks of their own, hit by
// signals at any moment, whose handlers, on another stack, too, make blocks and leave by a jump now and then;
// code comes and goes, children are forked and executed meanwhile. When all is released it says "done" and
// stands still until SIGTERM.
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

extern char **environ;

namespace {

std::atomic<bool> done{false};
thread_local sigjmp_buf back;
thread_local volatile sig_atomic_t may_jump, hits;

// Wherever it comes, amid a malloc too; makes a block, and jumps, only where that is allowed.
void hit(int) {
  hits = hits + 1;
  if (may_jump == 0) return;
  std::free(std::malloc(24));
  if (hits % 2 == 0) siglongjmp(back, 1);
}

__attribute__((noinline)) void *make_down_here(int depth, std::size_t bytes) {
  auto *room = static_cast<volatile char *>(__builtin_alloca(16 + bytes % 200));
  room[0] = 1;
  void *block = depth > 0 ? make_down_here(depth - 1, bytes) : std::malloc(bytes);
  room[0] = 2;
  return block;
}

struct Coroutine {
  ucontext_t own, caller;
  std::vector<char> stack = std::vector<char>(64 << 10);
  void *block = nullptr;
};
thread_local Coroutine *running;

void work_of_coroutine() {
  for (;;) {
    running->block = make_down_here(5, 300);
    swapcontext(&running->own, &running->caller);
  }
}

void be_jumped_out_of() {
  if (sigsetjmp(back, 1) == 0) {
    may_jump = 1;
    for (int i = 0; i < 10000; ++i) __asm__ volatile("");
  }
  may_jump = 0;
}

void *work(void *argument) {
  std::minstd_rand random(static_cast<unsigned>(reinterpret_cast<std::size_t>(argument)) + 1);
  std::vector<char> other(64 << 10);
  stack_t alternate{};
  alternate.ss_sp = other.data();
  alternate.ss_size = other.size();
  sigaltstack(&alternate, nullptr);
  Coroutine coroutine;
  getcontext(&coroutine.own);
  coroutine.own.uc_stack.ss_sp = coroutine.stack.data();
  coroutine.own.uc_stack.ss_size = coroutine.stack.size();
  makecontext(&coroutine.own, work_of_coroutine, 0);
  running = &coroutine;
  std::vector<void *> blocks(64);
  while (!done) {
    for (int i = 0; i < 50; ++i) {
      void *&block = blocks[random() % blocks.size()];
      if (block != nullptr && random() % 3 == 0) {
        block = std::realloc(block, 1 + random() % 3000);
      } else {
        std::free(block);
        block = make_down_here(static_cast<int>(random() % 60), random() % 2000);
      }
    }
    be_jumped_out_of();
    swapcontext(&coroutine.caller, &coroutine.own);
    std::free(coroutine.block);
  }
  for (void *block : blocks) std::free(block);
  alternate.ss_flags = SS_DISABLE;
  sigaltstack(&alternate, nullptr);
  return nullptr;
}

// A library that makes blocks as it comes and goes.
void come_and_go(const std::string &library) {
  while (!done) {
    if (void *handle = dlopen(library.c_str(), RTLD_NOW)) dlclose(handle);
  }
}

void have_children() {
  char name[] = "/bin/true";
  char *arguments[] = {name, nullptr};
  const pid_t child = fork();
  if (child == 0) {
    std::free(std::malloc(1000));
    _exit(0);
  }
  pid_t other = -1;
  if (posix_spawn(&other, name, nullptr, nullptr, arguments, environ) == 0) waitpid(other, nullptr, 0);
  waitpid(child, nullptr, 0);
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  sigset_t end;
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &end, nullptr);
  struct sigaction action {};
  action.sa_handler = hit;
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGUSR1, &action, nullptr);
  action.sa_flags = 0;
  sigaction(SIGUSR2, &action, nullptr);
  std::vector<pthread_t> threads(static_cast<std::size_t>(std::atoi(argv[1])));
  for (std::size_t i = 0; i < threads.size(); ++i) {
    pthread_create(&threads[i], nullptr, work, reinterpret_cast<void *>(i));
  }
  std::thread loader(come_and_go,
                     std::string(argv[0]).substr(0, std::string(argv[0]).rfind('/')) + "/libwords_plugin.so");
  std::minstd_rand random(1);
  for (int round = std::atoi(argv[2]); round > 0; --round) {
    for (int i = 0; i < 200; ++i)
      pthread_kill(threads[random() % threads.size()], random() % 2 != 0 ? SIGUSR1 : SIGUSR2);
    have_children();
  }
  done = true;
  for (pthread_t thread : threads) pthread_join(thread, nullptr);
  loader.join();
  std::printf("done\n");
  std::fflush(stdout);
  int number = 0;
  sigwait(&end, &number);
  return 0;
}
