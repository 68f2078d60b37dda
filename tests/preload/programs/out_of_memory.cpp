// SPDX-License-Identifier: MIT
// out_of_memory [threads]: the address space runs out: the handler gives back what it had put by, then gives
// up; bad_alloc is caught, in several threads too, and all goes on.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <new>
#include <thread>
#include <vector>

static std::unique_ptr<std::vector<char>> put_by;

static void give_back() {
  if (put_by == nullptr) std::set_new_handler(nullptr);
  put_by.reset();
}

static const char *fill_up(std::size_t size) {
  std::vector<std::unique_ptr<char[]>> blocks;
  try {
    for (;;) {
      blocks.push_back(std::make_unique<char[]>(size));
      std::memset(blocks.back().get(), 1, size);
    }
  } catch (const std::bad_alloc &) {
    return blocks.size() > 3 ? "bad_alloc" : "too early";
  }
}

int main(int argc, char **) {
  put_by = std::make_unique<std::vector<char>>(64 << 20);
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlimit limit{(pages << 12) + (96 << 20), (pages << 12) + (96 << 20)};
  if (setrlimit(RLIMIT_AS, &limit) != 0) return 1;
  std::set_new_handler(give_back);
  std::printf("large blocks: %s", fill_up(10 << 20));
  std::printf(", put by: %s\n", put_by ? "kept" : "given back");
  std::printf("small blocks: %s\n", fill_up(5000));
  if (argc > 1) {
    const char *said[2];
    std::thread one([&] { said[0] = fill_up(100000); }), two([&] { said[1] = fill_up(70000); });
    one.join(), two.join();
    std::printf("in two threads: %s, %s\n", said[0], said[1]);
  }
  // As much as all may be together: what the meter had mapped at the limit's start, it has given up since.
  std::printf("malloc: %s\n", std::malloc(limit.rlim_cur) == nullptr ? "null" : "a block");
  std::printf("afterwards: %zu\n", std::vector<char>(50 << 20).size());
  return 0;
}
