// SPDX-License-Identifier: MIT
// loses_blocks [end|asleep]: loses forty blocks of 333 bytes and keeps ten of 444, says so, and waits, or
// ends; "asleep" while five threads sleep.
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *kept[10];

__attribute__((noinline)) void *block_of(size_t bytes) {
  void *block = malloc(bytes);
  memset(block, 0, bytes);
  asm volatile("" : "+r"(block));
  return block;
}
__attribute__((noinline)) void lose_headers() {
  for (int i = 0; i < 40; ++i) block_of(333);
  asm volatile("");  // clang would leave the last call to main
}
// Over what was on the stack.
__attribute__((noinline)) void scrub() {
  volatile char room[16384];
  for (size_t i = 0; i < sizeof room; ++i) room[i] = 0;
  (void)room[0];
}

sem_t sleeping;
void *sleep_on(void *) {
  sem_post(&sleeping);
  for (;;) pause();
}

int main(int argc, char **argv) {
  for (int left = argc > 1 && strcmp(argv[1], "asleep") == 0 ? 5 : 0; left > 0; --left) {
    pthread_t thread;
    if (pthread_create(&thread, nullptr, sleep_on, nullptr) != 0 || sem_wait(&sleeping) != 0) return 2;
  }
  for (void *&one : kept) one = block_of(444);
  lose_headers();
  scrub();
  if (write(1, "lost\n", 5) != 5) return 1;
  while (argc == 1) pause();
  return 0;
}
