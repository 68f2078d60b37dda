// SPDX-License-Identifier: MIT
// leak_cases PLUGIN: loses and holds blocks in every way its rooms know; says of each what is to be found;
// "ready", and then sleeps until SIGTERM.
#include <pthread.h>
#include <unistd.h>

#include <initializer_list>

#include "../ready.h"
#include "leak_case.h"

namespace leak_case {
namespace {

int never[2];
pthread_barrier_t both;

}  // namespace

void sleep_for_good() {
  char byte;
  while (read(never[0], &byte, 1) < 0) {
  }
}

void start_thread(void *(*body)(void *), void *argument, const pthread_attr_t *attributes) {
  pthread_t thread;
  if (pthread_create(&thread, attributes, body, argument) != 0) _exit(3);
  pthread_detach(thread);
  pthread_barrier_wait(&both);
}

void holds() {
  scrub();
  pthread_barrier_wait(&both);
}

}  // namespace leak_case

int main(int argc, char **argv) {
  using namespace leak_case;
  if (argc != 2 || pipe(never) != 0) return 3;
  pthread_barrier_init(&both, nullptr, 2);
  // SIGTERM is for this thread, which waits for it.
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  for (const auto room : {lose_structures, hold_in_words, hold_in_mappings, hold_in_threads,
                          hold_in_containers, hold_in_kernel}) {
    room();
    scrub();
  }
  hold_in_plugin(argv[1]);
  scrub();
  const int code = ready_until_sigterm();
  fflush(stdout);
  _exit(code);
}
