// SPDX-License-Identifier: MIT
// A program linked with an allocator of its choice (jemalloc, tcmalloc): threads, containers, aligned and
// resized blocks, every block checked to be what was put there.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

static bool holds(const char *block, char byte, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (block[i] != byte) return false;
  }
  return true;
}

static long work(int seed) {
  long good = 0;
  std::map<int, std::string> words;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t size = static_cast<std::size_t>(i * seed % 5000 + 1);
    auto *block = static_cast<char *>(i % 3 == 0 ? std::aligned_alloc(64, size) : std::malloc(size));
    std::memset(block, i, size);
    block = static_cast<char *>(std::realloc(block, size * 2));
    good += holds(block, static_cast<char>(i), size);
    std::free(block);
    words[i % 100] += std::to_string(i);
  }
  for (const auto &[key, word] : words) good += !word.empty();
  return good;
}

int main() {
  long sums[4];
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&sums, i] { sums[i] = work(i * 2 + 7919); });
  for (auto &thread : threads) thread.join();
  std::printf("%ld %ld %ld %ld\n", sums[0], sums[1], sums[2], sums[3]);
  return 0;
}
