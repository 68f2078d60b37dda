// SPDX-License-Identifier: MIT
// looked_at MIB BYTES order|random: holds that much in blocks of that size, each of which has the address of
// another, the next in memory or any; a thread writes to blocks all over the heap again and again, for what
// is copied first stands still longest. "ready"; then, for each line of its input, the longest pause of the
// writer since the last one, in microseconds; or for "walk" what going along all the blocks takes, by one
// load each.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kWritten = 64;

std::atomic<long> longest_ns{0};
void **head;
void **written[kWritten];

[[noreturn]] void write_again_and_again() {
  using Clock = std::chrono::steady_clock;
  auto before = Clock::now();
  while (true) {
    for (void **block : written) __atomic_store_n(&block[1], nullptr, __ATOMIC_RELAXED);
    const auto now = Clock::now();
    const long pause = std::chrono::duration_cast<std::chrono::nanoseconds>(now - before).count();
    before = now;
    if (pause > longest_ns.load(std::memory_order_relaxed)) longest_ns = pause;
    if (pause < 20'000) std::this_thread::sleep_for(std::chrono::microseconds(100)), before = Clock::now();
  }
}

void hold(std::size_t bytes, std::size_t block_bytes, bool random) {
  std::vector<void **> blocks(bytes / block_bytes);
  for (void **&block : blocks) {
    block = static_cast<void **>(std::malloc(block_bytes));
    std::memset(block, 0, block_bytes);
  }
  for (std::size_t i = 0; i < kWritten; ++i) written[i] = blocks[i * (blocks.size() / kWritten)];
  if (random) std::shuffle(blocks.begin(), blocks.end(), std::minstd_rand(1));
  for (std::size_t i = 1; i < blocks.size(); ++i) *blocks[i - 1] = blocks[i];
  head = blocks[0];
}

// Nanoseconds of processor time: no look can be faster than that.
long walk() {
  const auto now = [] {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
  };
  const long began = now();
  for (void **block = head; block != nullptr;) {
    block = static_cast<void **>(*block);
    asm volatile("" : "+r"(block));
  }
  return now() - began;
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  hold(std::strtoul(argv[1], nullptr, 10) << 20, std::strtoul(argv[2], nullptr, 10), argv[3][0] == 'r');
  std::thread(write_again_and_again).detach();
  std::puts("ready");
  std::fflush(stdout);
  for (char line[16]; std::fgets(line, sizeof line, stdin) != nullptr;) {
    std::printf("%ld\n", (std::strcmp(line, "walk\n") == 0 ? walk() : longest_ns.exchange(0)) / 1000);
    std::fflush(stdout);
  }
  return head == nullptr;
}
