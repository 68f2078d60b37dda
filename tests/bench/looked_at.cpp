// SPDX-License-Identifier: MIT
// looked_at MIB BYTES order|random: holds that much in blocks of that size, each of which has the address of
// another, the next in memory or any; a thread writes to a page again and again. "ready"; then, for each line
// of its input, the longest pause of the writer since the last one, in microseconds.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace {

std::atomic<long> longest_ns{0};
void **head;

[[noreturn]] void write_again_and_again() {
  using Clock = std::chrono::steady_clock;
  static std::atomic<int> page;
  auto before = Clock::now();
  while (true) {
    page.store(1, std::memory_order_relaxed);
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
  if (random) std::shuffle(blocks.begin(), blocks.end(), std::minstd_rand(1));
  for (std::size_t i = 1; i < blocks.size(); ++i) *blocks[i - 1] = blocks[i];
  head = blocks[0];
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  hold(std::strtoul(argv[1], nullptr, 10) << 20, std::strtoul(argv[2], nullptr, 10), argv[3][0] == 'r');
  std::thread(write_again_and_again).detach();
  std::puts("ready");
  std::fflush(stdout);
  for (char line[16]; std::fgets(line, sizeof line, stdin) != nullptr;) {
    std::printf("%ld\n", longest_ns.exchange(0) / 1000);
    std::fflush(stdout);
  }
  return head == nullptr;
}
