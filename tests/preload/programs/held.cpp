// SPDX-License-Identifier: MIT
// held: blocks of 733 bytes, held in known ways: 1,000 by the nodes of a table that a global leads to, three
// by a static array, one by the stack of a thread asleep, seven by nobody. Says where the global and the
// array are, and who the thread is, then "ready"; ends well on SIGTERM.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct Node {
  Node *next;
  long key[2];
  char *value;
  long rest[3];
};
struct Cache {
  long size;
  long unused;
  Node **buckets;
  char name[176];
};

Cache *the_cache;
char *kept[3];
static volatile long thread_id;

static char *make() { return static_cast<char *>(memset(malloc(733), 1, 733)); }

__attribute__((noinline)) static void fill() {
  the_cache = static_cast<Cache *>(calloc(1, sizeof(Cache)));
  the_cache->buckets = static_cast<Node **>(calloc(256, sizeof(Node *)));
  for (int i = 0; i < 1000; ++i) {
    auto *node = static_cast<Node *>(calloc(1, sizeof(Node)));
    node->value = make();
    node->next = the_cache->buckets[i % 256];
    the_cache->buckets[i % 256] = node;
  }
  for (char *&one : kept) one = make();
  for (int i = 0; i < 7; ++i) make();
}

static void *sleeper(void *) {
  char *volatile mine = make();
  thread_id = syscall(SYS_gettid);
  for (;;) pause();
  return mine;
}

// Over what was left on the stack.
__attribute__((noinline)) static void scrub() {
  volatile char room[32768];
  for (volatile char &byte : room) byte = 0;
}

int main() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  fill();
  scrub();
  pthread_t thread;
  if (pthread_create(&thread, nullptr, sleeper, nullptr) != 0) return 3;
  while (thread_id == 0) usleep(1000);
  dprintf(1, "%lu %lu %ld\nready\n", reinterpret_cast<unsigned long>(&the_cache),
          reinterpret_cast<unsigned long>(kept), thread_id);
  int number = 0;
  return sigwait(&set, &number);
}
