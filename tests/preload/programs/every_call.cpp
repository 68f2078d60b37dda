// SPDX-License-Identifier: MIT
// Makes blocks by every call of malloc(3) and every operator new, from two threads, and releases each.
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cstdio>
#include <new>
#include <string>
#include <thread>
#include <vector>

struct alignas(128) Wide {
  char bytes[256];
};

static void use(void *block, size_t bytes, size_t alignment) {
  if (block == nullptr || reinterpret_cast<uintptr_t>(block) % alignment != 0) {
    std::printf("no block of %zu bytes at a multiple of %zu\n", bytes, alignment);
    std::_Exit(1);
  }
  memset(block, 'x', bytes);
}

static void make_and_release(size_t bytes) {
  void *blocks[10] = {malloc(bytes),       calloc(3, bytes),        realloc(nullptr, bytes),
                      memalign(64, bytes), aligned_alloc(256, 768), nullptr,
                      valloc(bytes),       pvalloc(bytes),          reallocarray(nullptr, 2, bytes),
                      strdup("a text")};
  if (posix_memalign(&blocks[5], 128, bytes) != 0) std::puts("posix_memalign failed");
  const size_t alignments[10] = {8, 8, 8, 64, 256, 128, 4096, 4096, 8, 8};
  for (int i = 0; i < 9; ++i) use(blocks[i], i == 4 ? 768 : bytes, alignments[i]);
  for (void *&block : blocks) {
    block = realloc(block, 3 * bytes);
    use(block, 3 * bytes, 8);
    if (malloc_usable_size(block) < 3 * bytes) std::puts("usable size");
    free(block);
  }
  delete new Wide;
  delete[] new Wide[3];
  delete new (std::nothrow) Wide;
  delete[] new (std::nothrow) Wide[3];
  delete new std::string(bytes, 'y');
  delete[] new std::string[3];
  delete new (std::nothrow) int;
  delete[] new (std::nothrow) int[9];
}

static void work() {
  for (size_t bytes = 1; bytes < 200'000; bytes += bytes / 3 + 1) make_and_release(bytes);
}

int main() {
  work();
  std::thread(work).join();
  try {
    std::vector<char>(~size_t{0} >> 2);
    std::puts("so much memory");
  } catch (const std::bad_alloc &) {
    std::puts("bad_alloc");
  }
  errno = 0;
  const bool had = malloc(~size_t{0} >> 1) != nullptr;
  std::printf("malloc: %d errno %d\n", had, errno);
  return 0;
}
