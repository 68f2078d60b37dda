// SPDX-License-Identifier: MIT
// Short-lived threads, each with some small blocks, come and go until SIGTERM.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <thread>

namespace {

std::atomic<bool> ended = false;

void allocate() {
  for (std::size_t i = 0; i < 200; ++i) std::free(std::malloc(100 + i));
}

void make_threads() {
  while (!ended) {
    std::thread threads[4];
    for (auto &thread : threads) thread = std::thread(allocate);
    for (auto &thread : threads) thread.join();
  }
}

}  // namespace

int main() {
  std::signal(SIGTERM, [](int) { ended = true; });
  std::thread other(make_threads);
  make_threads();
  other.join();
}
