// SPDX-License-Identifier: MIT
// waits_in_calls [interrupted]: a thread for each call that waits, again and again; says which of them came
// back other than it should have, and until SIGTERM nothing else: then "fine". Some may come back
// interrupted, if said so.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { kMs = 15 };
static const struct timespec kShort = {0, kMs * 1000000L};
static atomic_bool over;
static atomic_int wrong;
static int may_be_interrupted;

static void expect(const char *call, long got, long result, int error) {
  const int now = errno;
  if (got == result && (got >= 0 || now == error)) return;
  if (may_be_interrupted && got == -1 && now == EINTR) return;
  atomic_fetch_add(&wrong, 1);
  fprintf(stderr, "%s: %ld, %s\n", call, got, got < 0 ? strerror(now) : "");
}
static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void in_poll(void) {
  const double began = seconds();
  expect("poll", poll(NULL, 0, kMs), 0, 0);
  expect("poll, too soon", seconds() - began < kMs * 1e-3, 0, 0);
}
static void in_select(void) {
  struct timeval left = {0, kMs * 1000};
  expect("select", select(0, NULL, NULL, NULL, &left), 0, 0);
}
static void in_nanosleep(void) { expect("nanosleep", nanosleep(&kShort, NULL), 0, 0); }
static void in_futex(void) {
  int word = 1;
  expect("futex", syscall(SYS_futex, &word, FUTEX_WAIT, 1, &kShort, NULL, 0), -1, ETIMEDOUT);
}
static void in_epoll(void) {
  static int set = 0;
  if (set == 0) set = epoll_create1(0);
  struct epoll_event event;
  expect("epoll_wait", epoll_wait(set, &event, 1, kMs), 0, 0);
}
static void in_sigtimedwait(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN + 3);
  expect("sigtimedwait", sigtimedwait(&set, NULL, &kShort), -1, EAGAIN);
}
static void in_recv(void) {
  static int ends[2] = {0, 0};
  if (ends[0] == 0) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) abort();
    const struct timeval most = {0, kMs * 1000};
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  }
  char byte;
  expect("recv", recv(ends[0], &byte, 1, 0), -1, EAGAIN);
}
static void in_connect(void) {
  static int full = 0;
  static struct sockaddr_un name = {.sun_family = AF_UNIX};
  static socklen_t length = sizeof name;
  const struct timeval most = {0, kMs * 1000};
  const int end = socket(AF_UNIX, SOCK_STREAM, 0);
  if (full == 0) {
    full = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(full, (struct sockaddr *)&name, sizeof name.sun_family) != 0 || listen(full, 0) != 0 ||
        getsockname(full, (struct sockaddr *)&name, &length) != 0 ||
        connect(socket(AF_UNIX, SOCK_STREAM, 0), (struct sockaddr *)&name, length) != 0)
      abort();
  }
  setsockopt(end, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
  expect("connect", connect(end, (struct sockaddr *)&name, length), -1, EAGAIN);
  close(end);
}
static int semaphores;
static void in_semtimedop(void) {
  struct sembuf take = {0, -1, 0};
  expect("semtimedop", semtimedop(semaphores, &take, 1, &kShort), -1, EAGAIN);
}
static int pipe_ends[2];
static void in_read(void) {
  static unsigned char next = 0;
  unsigned char byte = 0;
  expect("read", read(pipe_ends[0], &byte, 1), 1, 0);
  expect("read, another byte", byte == next++, 1, 0);
}
static void in_write(void) {
  static unsigned char next = 0;
  nanosleep(&kShort, NULL);
  const unsigned char byte = next++;
  expect("write", write(pipe_ends[1], &byte, 1), 1, 0);
}
// Half written, until nothing waits any more.
static int full_ends[2];
static void in_long_write(void) {
  static char bytes[1 << 18];
  expect("write of much", write(full_ends[1], bytes, sizeof bytes), sizeof bytes, 0);
}
static void *drains(void *given) {
  static char bytes[1 << 16];
  while (read(full_ends[0], bytes, sizeof bytes) > 0) {
  }
  return given;
}
static void *nothing(void *given) { return given; }
static void in_join(void) {
  pthread_t thread;
  expect("pthread_create", pthread_create(&thread, NULL, nothing, NULL), 0, 0);
  expect("pthread_join", pthread_join(thread, NULL), 0, 0);
}
static void in_none(void) {
  volatile unsigned sum = 0;
  for (unsigned i = 0; i < 1000000; ++i) sum += i;
}
static sem_t seen;
static void count(int signal) {
  (void)signal;
  sem_post(&seen);
}
static void in_handler(void) {
  raise(SIGUSR1);
  while (sem_wait(&seen) != 0) {
  }
  usleep(1000);
}

static atomic_int handled;
static void handle(int signal) {
  (void)signal;
  atomic_fetch_add(&handled, 1);
}
static void in_raise(void) {
  static int raised = 0;
  for (int i = 0; i < 100; ++i) {
    raise(SIGUSR2);
    expect("raise", atomic_load(&handled), ++raised, 0);
  }
  usleep(100);
}

static void *again_and_again(void *call) {
  while (!atomic_load(&over)) ((void (*)(void))(size_t)call)();
  return NULL;
}

int main(int argc, char **argv) {
  may_be_interrupted = argc > 1 && strcmp(argv[1], "interrupted") == 0;
  if (pipe(pipe_ends) != 0 || pipe(full_ends) != 0) return 1;
  sem_init(&seen, 0, 0);
  semaphores = semget(IPC_PRIVATE, 1, 0600);
  signal(SIGUSR1, count);
  signal(SIGUSR2, handle);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGRTMIN + 3);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  void (*const calls[])(void) = {
      in_poll, in_select, in_nanosleep, in_futex, in_epoll,   in_sigtimedwait, in_recv,       in_semtimedop,
      in_read, in_write,  in_join,      in_none,  in_handler, in_raise,        in_long_write, in_connect};
  enum { kCalls = sizeof calls / sizeof *calls };
  pthread_t threads[kCalls];
  for (int i = 0; i < kCalls; ++i) {
    if (pthread_create(&threads[i], NULL, again_and_again, (void *)(size_t)calls[i]) != 0) return 1;
  }
  if (write(1, "ready\n", 6) != 6) return 1;
  sigdelset(&set, SIGRTMIN + 3);
  int got = 0;
  sigwait(&set, &got);
  atomic_store(&over, 1);
  pthread_t drain;
  if (pthread_create(&drain, NULL, drains, NULL) != 0) return 1;
  for (int i = 0; i < kCalls; ++i) {
    // The reader waits for its writer's last.
    if (calls[i] == in_read) continue;
    pthread_join(threads[i], NULL);
  }
  semctl(semaphores, 0, IPC_RMID);
  if (wrong == 0) puts("fine");
  fflush(stdout);
  _exit(wrong != 0);
}
