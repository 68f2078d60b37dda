// SPDX-License-Identifier: MIT
// forks_as_tables_come: a thread makes the tables of sites, for its block is the first to be sampled;
// whenever it keeps some of them out of core dumps it is held up, and the first thread forks. The child, too,
// asks for such a block, and reads what it is told of it. One line for each that was told wrong; how many
// there were.
#include <heapmeter/heapmeter.h>

#include <dlfcn.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

// Far more than from one sample to the next: never touched.
constexpr std::size_t kBytes = std::size_t{1} << 30;

decltype(&heapmeter_sites) read_sites;
decltype(&heapmeter_read_process) read_books;
int listener = -1, done[2];

// Of this thread alone, and not by libc's function, which the meter has in hand.
int be_told_of() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MADV_DONTDUMP, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {sizeof filter / sizeof *filter, filter};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#if defined(__x86_64__)
  long result = SYS_seccomp;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(SECCOMP_SET_MODE_FILTER), "S"(SECCOMP_FILTER_FLAG_NEW_LISTENER), "d"(&program)
               : "rcx", "r11", "memory");
#else
  register long x8 asm("x8") = SYS_seccomp;
  register long result asm("x0") = SECCOMP_SET_MODE_FILTER;
  register long x1 asm("x1") = SECCOMP_FILTER_FLAG_NEW_LISTENER;
  register const void *x2 asm("x2") = &program;
  asm volatile("svc 0" : "+r"(result) : "r"(x8), "r"(x1), "r"(x2) : "memory");
#endif
  return static_cast<int>(result);
}

void *take_first_sample(void *ready) {
  listener = be_told_of();
  pthread_barrier_wait(static_cast<pthread_barrier_t *>(ready));
  void *block = listener < 0 ? nullptr : std::malloc(kBytes);
  return write(done[1], "", 1) == 1 ? block : nullptr;
}

std::uint64_t live() {
  heapmeter_snapshot now{};
  return read_books(&now, sizeof now) == 0 ? now.live_bytes : 0;
}

int add(const heapmeter_site *site, void *sum) {
  *static_cast<std::uint64_t *>(sum) += site->live_bytes;
  return 0;
}

const char *fault_in_child() {
  const std::uint64_t before = live();
  void *block = std::malloc(kBytes);
  std::uint64_t held = 0;
  read_sites(add, &held);
  if (held < kBytes / 2) return "its block is at no site";
  if (live() != before + kBytes) return "the books are wrong";
  std::free(block);
  return live() == before ? nullptr : "the books are wrong after it was freed";
}

int fork_one() {
  const pid_t child = fork();
  if (child == 0) {
    const char *fault = fault_in_child();
    if (fault != nullptr) std::puts(fault);
    std::fflush(stdout);
    _exit(fault != nullptr);
  }
  int status = 1;
  return waitpid(child, &status, 0) == child && status == 0 ? 0 : 1;
}

}  // namespace

int main() {
  read_sites = reinterpret_cast<decltype(read_sites)>(dlsym(RTLD_DEFAULT, "heapmeter_sites"));
  read_books = reinterpret_cast<decltype(read_books)>(dlsym(RTLD_DEFAULT, "heapmeter_read_process"));
  if (read_sites == nullptr || read_books == nullptr) return std::puts("not metered"), 3;
  pthread_t thread;
  pthread_barrier_t ready;
  pthread_barrier_init(&ready, nullptr, 2);
  if (pipe(done) != 0 || pthread_create(&thread, nullptr, take_first_sample, &ready) != 0) return 2;
  pthread_barrier_wait(&ready);
  if (listener < 0) return std::puts("the kernel tells nobody of system calls"), 77;
  int children = 0, wrong = 0;
  for (;;) {
    pollfd wanted[] = {{listener, POLLIN, 0}, {done[0], POLLIN, 0}};
    if (poll(wanted, 2, -1) < 0 || (wanted[0].revents & POLLIN) == 0) break;
    seccomp_notif told{};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &told) != 0) break;
    ++children;
    wrong += fork_one();
    seccomp_notif_resp answer{};
    answer.id = told.id;
    answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
  pthread_join(thread, nullptr);
  std::printf("%s children, %d told wrong\n", children < 4 ? "too few" : "some", wrong);
  return wrong != 0;
}
