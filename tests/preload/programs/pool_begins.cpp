// SPDX-License-Identifier: MIT
// Children, each with a pool of threads whose first allocation is one of 64 MiB, at the same moment; each
// child then reads its books, at rest. One line for each that found them wrong, and how many children there
// were.
#include <heapmeter/heapmeter.h>

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include <pthread.h>

namespace {

constexpr std::size_t kBytes = std::size_t{64} << 20;
constexpr std::size_t kMost = 4;

pthread_barrier_t together;
void *buffers[kMost];

void *allocate(void *place) {
  pthread_barrier_wait(&together);
  *static_cast<void **>(place) = std::malloc(kBytes);
  return nullptr;
}

int begin_pool(std::size_t threads, decltype(&heapmeter_read_process) read) {
  pthread_barrier_init(&together, nullptr, static_cast<unsigned>(threads));
  pthread_t pool[kMost];
  for (std::size_t at = 0; at < threads; ++at) {
    if (pthread_create(&pool[at], nullptr, allocate, &buffers[at]) != 0) return 2;
  }
  for (std::size_t at = 0; at < threads; ++at) pthread_join(pool[at], nullptr);
  heapmeter_snapshot now{};
  for (int twice = 0; twice < 2; ++twice) {
    if (read(&now, sizeof now) != 0) return 2;
  }
  const std::size_t held = threads * kBytes;
  if (now.live_bytes >= held && now.live_bytes < held + kBytes / 2 &&
      now.peak_bytes + now.peak_error_bytes >= held && now.peak_bytes < held + kBytes / 2) {
    return 0;
  }
  std::printf("%zu threads hold %zu bytes: live %llu, peak %llu\n", threads, held,
              static_cast<unsigned long long>(now.live_bytes),
              static_cast<unsigned long long>(now.peak_bytes));
  std::fflush(stdout);
  return 1;
}

}  // namespace

int main(int, char **argv) {
  const auto read =
      reinterpret_cast<decltype(&heapmeter_read_process)>(dlsym(RTLD_DEFAULT, "heapmeter_read_process"));
  if (read == nullptr) return std::puts("not metered"), 3;
  const int children = std::atoi(argv[1]);
  int wrong = 0;
  for (int child = 0; child < children; ++child) {
    const pid_t pid = fork();
    if (pid == 0) _exit(begin_pool(2 + static_cast<std::size_t>(child) % (kMost - 1), read));
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || status != 0) ++wrong;
  }
  std::printf("%d children, %d with wrong books\n", children, wrong);
  return wrong != 0;
}
