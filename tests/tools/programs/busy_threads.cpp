// SPDX-License-Identifier: MIT
//
// So many threads that allocate all the time: at any moment some are half-way through a call. Before, ten
// blocks of 333 bytes are lost.
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

__attribute__((noinline)) void lose() {
  for (int i = 0; i < 10; ++i) *static_cast<volatile char *>(std::malloc(333)) = 1;
}

[[noreturn]] void allocate(unsigned random) {
  void *held[64] = {};
  for (;;) {
    random = random * 1664525 + 1013904223;
    void *&one = held[random >> 8 & 63];
    std::free(one);
    one = std::malloc(400 + (random >> 16 & 511));
  }
}

}  // namespace

int main(int, char **argv) {
  lose();
  std::vector<std::thread> threads;
  for (int at = 0, count = std::atoi(argv[1]); at < count; ++at) threads.emplace_back(allocate, at);
  std::puts("ready");
  std::fflush(stdout);
  threads.front().join();
}
