// SPDX-License-Identifier: MIT
//
// Workload: THREADS threads that together hold BYTES in blocks of mixed sizes, then wait for standard input
// to end.
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

int main(int argc, char **argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s THREADS BYTES\n", argv[0]);
    return 2;
  }
  const size_t count = std::strtoul(argv[1], nullptr, 10);
  const size_t share = std::strtoul(argv[2], nullptr, 10) / count;
  std::mutex mutex;
  std::condition_variable changed;
  size_t ready = 0;
  bool done = false;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      std::vector<void *> held;
      for (size_t bytes = 0, random = i + 1; bytes < share;) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        const size_t size = 16 + (random >> 33) % 2000;
        held.push_back(std::memset(std::malloc(size), 1, size));
        bytes += size;
      }
      std::unique_lock lock(mutex);
      ++ready;
      changed.notify_all();
      changed.wait(lock, [&] { return done; });
      for (void *block : held) std::free(block);
    });
  }
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return ready == count; });
  }
  std::puts("ready");
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  {
    const std::lock_guard lock(mutex);
    done = true;
  }
  changed.notify_all();
  for (auto &thread : threads) thread.join();
}
