// SPDX-License-Identifier: MIT
// named_threads: who asked for what lives. Two threads called worker-… keep blocks of a MiB, which the main
// one partly releases, one keeps some and ends, and the main one keeps one; on SIGUSR1 it forks. Each block
// is surely sampled, and none is written to.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

namespace {

constexpr int kMost = 64;
void *kept[4][kMost];

__attribute__((noinline)) void keep(int which, int blocks) {
  for (int at = 0; at < blocks; ++at) kept[which][at] = malloc(1 << 20);
}

std::thread start(const char *name, int which, int blocks, bool ends) {
  std::thread thread([=] {
    pthread_setname_np(pthread_self(), name);
    keep(which, blocks);
    while (!ends) pause();
  });
  while (kept[which][blocks - 1] == nullptr) std::this_thread::yield();
  return thread;
}

}  // namespace

int main() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread one = start("worker-one", 0, 40, false), two = start("worker-two", 1, 10, false);
  start("short", 2, 20, true).join();
  keep(3, 1);
  for (int at = 0; at < 4; ++at) free(kept[0][at]);
  std::puts("ready");
  std::fflush(stdout);
  for (int signal = 0; sigwait(&signals, &signal) == 0;) {
    if (const pid_t child = fork(); child != 0) std::printf("child %d\n", child);
    std::fflush(stdout);
  }
}
