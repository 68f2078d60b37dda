// SPDX-License-Identifier: MIT
// Held by threads: on their stacks, in thread-local storage, in fibers and coroutines, in handlers' frames,
// in registers.
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <coroutine>
#include <exception>
#include <future>
#include <thread>

#include "leak_case.h"

namespace leak_case {
namespace {

thread_local void *of_thread;
pthread_key_t low_key, high_key;

void *hold_on_stack(void *) {
  void *volatile block = make(5301);
  expect("stack", 5301, "held");
  holds();
  sleep_for_good();
  return block;
}
void *hold_in_storage(void *) {
  of_thread = make(5303);
  keep(of_thread);
  expect("thread_local_of_another", 5303, "held");
  pthread_setspecific(low_key, make(5305));
  pthread_setspecific(high_key, make(5307));
  expect("low_key", 5305, "held");
  expect("high_key", 5307, "held");
  holds();
  sleep_for_good();
  return nullptr;
}
// Handed on from thread to thread, the ones before gone.
void *hand_on(void *block) {
  void *volatile kept = block;
  holds();
  sleep_for_good();
  return kept;
}

// A handler that never returns: what was in registers when it came is in the signal's frame, what it holds
// itself on its alternate stack.
void sleep_in_handler(int) {
  void *volatile block = make(5311);
  expect("alternate_stack", 5311, "held");
  holds();
  sleep_for_good();
  (void)block;
}
void *hold_in_frame_of_signal(void *) {
  static char room[65536];
  stack_t stack = {};
  stack.ss_sp = room;
  stack.ss_size = sizeof room;
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = sleep_in_handler;
  action.sa_flags = SA_ONSTACK;
  sigaction(SIGUSR2, &action, nullptr);
#if defined(__x86_64__)
  expect("frame_of_a_signal", 5313, "held");
  asm volatile(
      "mov %0, %%r12\n mov %1, %%edi\n mov %2, %%esi\n mov %3, %%edx\n mov $234, %%eax\n xor %%ecx, %%ecx\n"
      "syscall\n"  // tgkill: the handler comes at its end
      :
      : "r"(make(5313)), "r"(getpid()), "r"(gettid()), "i"(SIGUSR2)
      : "rax", "rcx", "rdx", "rsi", "rdi", "r11", "r12", "memory");
#else
  raise(SIGUSR2);
#endif
  return nullptr;
}

void *hold_in_fiber(void *) {
  static ucontext_t scheduler, fiber;
  static char room[65536];
  getcontext(&fiber);
  fiber.uc_stack.ss_sp = room;
  fiber.uc_stack.ss_size = sizeof room;
  fiber.uc_link = nullptr;
  makecontext(
      &fiber,
      +[] {
        void *volatile block = make(5315);
        expect("swapped_out_fiber", 5315, "held");
        swapcontext(&fiber, &scheduler);
        (void)block;
      },
      0);
  swapcontext(&scheduler, &fiber);
  // And one that runs on a stack that only its own frame knows.
  static ucontext_t on_heap;
  getcontext(&on_heap);
  on_heap.uc_stack.ss_size = 65'537;
  on_heap.uc_stack.ss_sp = make(65'537);
  on_heap.uc_link = nullptr;
  makecontext(
      &on_heap,
      +[] {
        memset(&on_heap, 0, sizeof on_heap);
        void *volatile block = make(5317);
        expect("stack_of_a_running_fiber", 65'537, "held");
        expect("on_a_running_fiber", 5317, "held");
        holds();
        sleep_for_good();
        (void)block;
      },
      0);
  setcontext(&on_heap);
  return nullptr;
}

// On memory of its own, mapped for it; nothing but the place where it stopped knows how deep it is.
void *hold_in_mapped_fiber(void *) {
  static ucontext_t scheduler, fiber;
  constexpr size_t kStack = 256 << 10;
  getcontext(&fiber);
  fiber.uc_stack.ss_sp = mmap(nullptr, kStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  fiber.uc_stack.ss_size = kStack;
  fiber.uc_link = nullptr;
  makecontext(
      &fiber,
      +[] {
        void *volatile block = make(5329);
        expect("fiber_on_mapped_stack", 5329, "held");
        swapcontext(&fiber, &scheduler);
        (void)block;
      },
      0);
  swapcontext(&scheduler, &fiber);
  holds();
  sleep_for_good();
  return nullptr;
}

// Below where its thread stands: a child that has that thread's stack until it executes another program.
__attribute__((noinline)) void hold_in_child() {
  void *volatile block = make(5335);
  expect("stack_lent_by_vfork", 5335, "held");
  holds();
  sleep_for_good();
  (void)block;
}
__attribute__((noinline)) void call_far_below(void (*function)()) {
  volatile char room[4096];
  room[0] = 0;
  function();
  (void)room[0];
}
void *lend_stack(void *) {
  if (vfork() == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    call_far_below(hold_in_child);
    _exit(0);
  }
  return nullptr;
}

// What a thread has left behind, and nobody has asked for yet. Its stack is there still, and no code, even
// where it may be executed: words are read where words begin.
struct [[gnu::packed]] Unaligned {
  char before;
  void *block;
};
alignas(8) thread_local Unaligned of_ended;
std::atomic<pid_t> ended_thread;
void hold_by_ended_thread() {
  static pthread_t ended;
  pthread_create(
      &ended, nullptr,
      +[](void *) {
        of_ended.block = make(5337);
        keep(of_ended);
        scrub();
        ended_thread = gettid();
        return make(5331);
      },
      nullptr);
  // While it runs, its stack is not left behind, and its registers may hold either.
  while (ended_thread == 0 || tgkill(getpid(), ended_thread, 0) == 0) usleep(1000);
  expect("result_of_an_ended_thread", 5331, "held");
  expect("at_no_words_beginning_on_its_stack", 5337, "lost", 1);
}

// On a stack that the program allocated for it.
void *hold_on_own_stack(void *) {
  void *volatile block = make(5333);
  expect("thread_on_allocated_stack", 5333, "held");
  holds();
  sleep_for_good();
  return block;
}
void start_on_allocated_stack() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, aligned_alloc(4096, 300 << 10), 300 << 10);
  expect("allocated_stack", 300 << 10, "held");
  start_thread(hold_on_own_stack, nullptr, &attributes);
  pthread_attr_destroy(&attributes);
}

// Known to the kernel only.
void *hold_by_alternate_stack(void *) {
  stack_t stack = {};
  stack.ss_size = 65'543;
  stack.ss_sp = make(stack.ss_size);
  sigaltstack(&stack, nullptr);
  expect("alternate_stack_of_another", stack.ss_size, "held");
  memset(&stack, 0, sizeof stack);
  keep(stack);
  holds();
  sleep_for_good();
  return nullptr;
}

struct Coroutine {
  struct promise_type {
    Coroutine get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  std::coroutine_handle<promise_type> handle;
};
Coroutine hold_in_frame() {
  void *block = make(5319);
  co_await std::suspend_always{};
  free(block);
}
Coroutine suspended;

#if defined(__x86_64__)
// Only in a callee-saved register of a thread in the middle of a system call: read of a pipe without end.
void *hold_in_register(void *) {
  static int ends[2];
  static char byte;
  if (pipe(ends) != 0) return nullptr;
  void *block = make(5321);
  expect("register", 5321, "register");
  holds();
  scrub();
  asm volatile("mov %0, %%rbx\n xor %0, %0\n xor %%eax, %%eax\n mov $1, %%edx\n syscall\n"
               : "+r"(block)
               : "D"(ends[0]), "S"(&byte)
               : "rax", "rdx", "rbx", "rcx", "r11", "memory");
  return block;
}
#endif
// As gcc has it: a loop around read(), the block in whatever register it chose.
struct Connection {
  long reads;
  char rest[5315];
};
void *hold_in_loop(void *) {
  static int ends[2];
  if (pipe(ends) != 0) return nullptr;
  auto *connection = static_cast<Connection *>(make(sizeof(Connection)));
  expect("loop_around_read", sizeof(Connection), "register");
  holds();
  for (char byte; read(ends[0], &byte, 1) > 0;) ++connection->reads;
  return reinterpret_cast<void *>(connection->reads);
}
// As the argument of the call it sleeps in.
void *hold_in_argument(void *) {
  static int ends[2];
  if (pipe(ends) != 0) return nullptr;
  void *block = make(5327);
  expect("argument_of_a_call", 5327, "held");
  holds();
  return reinterpret_cast<void *>(read(ends[0], block, 1));
}

}  // namespace

void hold_in_threads() {
  pthread_key_create(&low_key, nullptr);
  for (int key = 0; key < 60; ++key) pthread_key_create(&high_key, nullptr);
  start_thread(hold_on_stack);
  start_thread(hold_in_storage);
  start_thread(hand_on, make(5309));
  expect("handed_to_a_thread", 5309, "held");
  start_thread(hold_in_frame_of_signal);
  start_thread(hold_in_fiber);
  suspended = hold_in_frame();
  keep(suspended);
  expect("coroutine", 5319, "held");
#if defined(__x86_64__)
  start_thread(hold_in_register);
#endif
  start_thread(hold_in_mapped_fiber);
  start_thread(lend_stack);
  hold_by_ended_thread();
  start_on_allocated_stack();
  start_thread(hold_by_alternate_stack);
  start_thread(hold_in_loop);
  start_thread(hold_in_argument);
}

}  // namespace leak_case
