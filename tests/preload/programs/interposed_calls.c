// SPDX-License-Identifier: MIT
//
// Replaces syscall() and close(), as torsocks does, to be preloaded: the first call of either starts the
// library under a plain mutex, and the start allocates.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stddef.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int (*real_close)(int);
static long (*real_syscall)(long, ...);

static void start_once(void) {
  pthread_mutex_lock(&mutex);
  if (real_close == NULL) {
    void *libc = dlopen("libc.so.6", RTLD_LAZY);
    *(void **)&real_syscall = dlsym(libc, "syscall");
    *(void **)&real_close = dlsym(libc, "close");
  }
  pthread_mutex_unlock(&mutex);
}

int close(int descriptor) {
  start_once();
  return real_close(descriptor);
}

long syscall(long number, ...) {
  start_once();
  va_list list;
  va_start(list, number);
  long arguments[6];
  for (int i = 0; i < 6; ++i) arguments[i] = va_arg(list, long);
  va_end(list);
  return real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                      arguments[5]);
}
