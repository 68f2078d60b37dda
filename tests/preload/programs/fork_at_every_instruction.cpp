// SPDX-License-Identifier: MIT
//
// fork_at_every_instruction [CALL...]: a thread makes those calls, or all, instruction by instruction, and
// after each of the meter's another one forks: the first vanishes from the child half-way through. Every
// child's books must be what they were before the call or what they are after it, and own no thread but the
// child's. First of all a thread's first malloc is interrupted at each by a handler that forks: the child
// goes on with it. Steps by the trap flag of x86-64; elsewhere it forks between the calls only.
#include <heapmeter/heapmeter.h>

#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

using Books = std::array<uint64_t, 7>;
static sem_t fork_now, forked;
static void *volatile block;
static volatile bool made;
static uintptr_t meter_begin, meter_end;
static int (*read_process)(heapmeter_snapshot *, size_t);

static void nothing() {}
static void make_block() { block = std::malloc(100); }
static void drop_block() { std::free(block); }
struct Call {
  const char *name;
  void (*prepare)(), (*make)();
  bool drops = false;
  bool first = false;  // that the thread ever makes
};
static const Call calls[] = {
    {"first malloc", nothing, make_block, false, true},
    {"malloc", nothing, make_block},
    {"free", make_block, drop_block, true},
    {"new", nothing, [] { block = ::operator new[](100); }},
    {"delete", [] { block = ::operator new[](100); }, [] { ::operator delete[](block); }, true},
    {"small malloc", nothing, [] { block = std::malloc(7); }},
    {"large calloc", nothing, [] { block = std::calloc(1, 9000); }},
    {"large free", [] { block = std::malloc(9000); }, drop_block, true},
    {"aligned_alloc", nothing, [] { block = std::aligned_alloc(64, 640); }},
    {"aligned free", [] { block = std::aligned_alloc(64, 640); }, drop_block, true},
    {"realloc", make_block, [] { block = std::realloc(block, 130); }},
    {"realloc to the same size", make_block, [] { block = std::realloc(block, 100); }},
    {"realloc in place", make_block, [] { block = std::realloc(block, 90); }},
    {"irregular free", [] { block = std::realloc(std::malloc(100), 90); }, drop_block, true},
    {"large realloc", make_block, [] { block = std::realloc(block, 9000); }},
};

static void let_fork() {
  sem_post(&fork_now);
  while (sem_wait(&forked) != 0) {
  }
}

static void *allocate(void *) {
  make_block();
  let_fork();
  return nullptr;
}

// In the child of a fork that the handler made: the interrupted call goes on, and a thread is started
// besides.
static bool owners_are_apart() {
  pthread_t other;
  if (pthread_create(&other, nullptr, allocate, nullptr) != 0) return false;
  sem_wait(&fork_now);
  heapmeter_snapshot now{};
  if (read_process != nullptr) read_process(&now, sizeof now);
  sem_post(&forked);
  pthread_join(other, nullptr);
  return read_process == nullptr || now.threads == 2;
}

static volatile bool fork_in_handler, in_child;
static volatile int wrong_in_handler;

static void trapped(int, siginfo_t *, void *context) {
#if defined(__x86_64__)
  if (in_child) {
    static_cast<ucontext_t *>(context)->uc_mcontext.gregs[REG_EFL] &= ~0x100;
    return;
  }
  const auto at = static_cast<uintptr_t>(static_cast<ucontext_t *>(context)->uc_mcontext.gregs[REG_RIP]);
  if (at < meter_begin || at >= meter_end) return;
  if (!fork_in_handler) {
    let_fork();
    return;
  }
  const pid_t child = fork();
  if (child == 0) {
    in_child = true;
    static_cast<ucontext_t *>(context)->uc_mcontext.gregs[REG_EFL] &= ~0x100;
    return;
  }
  int status = 1;
  if (waitpid(child, &status, 0) != child || status != 0) wrong_in_handler = wrong_in_handler + 1;
#endif
}

#if defined(__x86_64__)
#define TRAP(change)                                            \
  asm volatile("lea -128(%%rsp), %%rsp\n\tpushfq\n\t" change    \
               ", (%%rsp)\n\tpopfq\n\tlea 128(%%rsp), %%rsp" :: \
                   : "memory", "cc")
#else
#define TRAP(change) ((void)0)
#endif

static void *work(void *argument) {
  const Call &call = *static_cast<const Call *>(argument);
  for (int warm_up = 0; warm_up < (call.first ? 0 : 3); ++warm_up) {
    call.prepare();
    call.make();
    if (!call.drops) drop_block();
  }
  call.prepare();
  let_fork();
  TRAP("orq $0x100");
  call.make();
  TRAP("andq $~0x100");
  made = true;
  let_fork();
  return nullptr;
}

// A thread that has counters of its own and keeps them.
static void *hold(void *ready) {
  make_block();
  drop_block();
  sem_post(static_cast<sem_t *>(ready));
  for (;;) pause();
}

// A thread's first block, with forks in the handler: each child finishes what was interrupted.
static void *begin_and_be_interrupted(void *ready) {
  fork_in_handler = true;
  TRAP("orq $0x100");
  make_block();
  TRAP("andq $~0x100");
  fork_in_handler = false;
  if (in_child) _exit(owners_are_apart() ? 0 : 1);
  return hold(ready);
}

// As a child that has just been forked sees them.
static Books books_of_a_child() {
  int ends[2];
  Books books{};
  if (pipe(ends) != 0) std::abort();
  const pid_t child = fork();
  if (child == 0) {
    heapmeter_snapshot now{};
    if (read_process != nullptr) read_process(&now, sizeof now);
    books = {now.live_blocks, now.live_bytes,    now.usable_bytes, now.allocations,
             now.frees,       now.reallocations, now.threads};
    _exit(write(ends[1], &books, sizeof books) == sizeof books ? 0 : 1);
  }
  int status = 1;
  if (waitpid(child, &status, 0) != child || status != 0) std::printf("a child ended with %d\n", status);
  if (read(ends[0], &books, sizeof books) != sizeof books) std::printf("a child said nothing\n");
  close(ends[0]);
  close(ends[1]);
  return books;
}

static int find_meter(dl_phdr_info *object, size_t, void *inside) {
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const uintptr_t begin = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;
    const uintptr_t end = begin + object->dlpi_phdr[i].p_memsz;
    if (reinterpret_cast<uintptr_t>(inside) >= begin && reinterpret_cast<uintptr_t>(inside) < end) {
      meter_begin = begin, meter_end = end;
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  static char buffer[4096];
  std::setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
  void *symbol = dlsym(RTLD_DEFAULT, "heapmeter_read_process");
  std::memcpy(&read_process, &symbol, sizeof symbol);
  if (symbol != nullptr) dl_iterate_phdr(find_meter, symbol);
  struct sigaction action {};
  action.sa_sigaction = trapped;
  action.sa_flags = SA_SIGINFO;
  sigaction(SIGTRAP, &action, nullptr);
  // Each keeps its counters: who takes over another's has all the summing up to step through.
  for (auto *first : {hold, begin_and_be_interrupted}) {
    pthread_t holder;
    pthread_create(&holder, nullptr, first, &forked);
    while (sem_wait(&forked) != 0) {
    }
  }
  std::printf("first malloc, forked in a handler: %d wrong\n", wrong_in_handler);
  for (const Call &call : calls) {
    if (argc > 1 && std::find_if(argv + 1, argv + argc, [&](const char *name) {
                      return std::strcmp(name, call.name) == 0;
                    }) == argv + argc) {
      continue;
    }
    static Books seen[50000];
    size_t count = 0;
    pthread_t thread;
    made = false;
    pthread_create(&thread, nullptr, work, const_cast<Call *>(&call));
    for (bool last = false; !last && count < std::size(seen);) {
      while (sem_wait(&fork_now) != 0) {
      }
      last = made;
      seen[count++] = books_of_a_child();
      sem_post(&forked);
    }
    if (!made) {
      std::printf("%s: more than %zu instructions\n", call.name, count);
      return 1;
    }
    pthread_join(thread, nullptr);
    const auto wrong = std::count_if(
        seen, seen + count, [&](const Books &books) { return books != seen[0] && books != seen[count - 1]; });
    std::printf("%s: %ld wrong\n", call.name, static_cast<long>(wrong));
  }
  return 0;
}
