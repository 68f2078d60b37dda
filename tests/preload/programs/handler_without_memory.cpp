// SPDX-License-Identifier: MIT
// handler_without_memory: takes blocks of ever smaller sizes until none is left, then asks by new(nothrow):
// the handler must be called, with not a byte to be had.
#include <sys/resource.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <new>

static int handled, refused;

static void give_up() {
  ++handled;
  throw std::bad_alloc();
}

struct Block {
  Block *next;
};
static Block *all;

int main() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlimit limit{(pages << 12) + (48 << 20), (pages << 12) + (48 << 20)};
  if (setrlimit(RLIMIT_AS, &limit) != 0) return 1;
  std::set_new_handler(give_up);
  for (std::size_t size = std::size_t{1} << 22; size >= sizeof(Block); size /= 2) {
    while (auto *block = static_cast<Block *>(std::malloc(size))) {
      block->next = all;
      all = block;
    }
  }
  for (std::size_t size = 1000; size < 10'000'000; size *= 10) {
    if (::operator new(size, std::nothrow) == nullptr) ++refused;
  }
  while (Block *block = all) {
    all = block->next;
    std::free(block);
  }
  std::printf("refused %d times, handler called %d times\n", refused, handled);
  return 0;
}
