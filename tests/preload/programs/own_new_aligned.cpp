// SPDX-License-Identifier: MIT
// A program that replaces only the aligned pair: the array and nothrow forms must follow them.
#include <cstdio>
#include <cstdlib>
#include <new>

struct alignas(64) Wide {
  char bytes[64];
};

static long made, released;

// A pool's, with a header in front of each block.
void *operator new(std::size_t size, std::align_val_t alignment) {
  ++made;
  const auto header = static_cast<std::size_t>(alignment);
  auto *block = static_cast<char *>(std::aligned_alloc(header, (size + 2 * header - 1) / header * header));
  if (block == nullptr) throw std::bad_alloc();
  return block + header;
}
void operator delete(void *block, std::align_val_t alignment) noexcept {
  if (block == nullptr) return;
  ++released;
  std::free(static_cast<char *>(block) - static_cast<std::size_t>(alignment));
}

int main() {
  delete new Wide;
  delete[] new Wide[3];
  delete new (std::nothrow) Wide;
  delete[] new (std::nothrow) Wide[3];
  std::printf("made %ld released %ld\n", made, released);
  return 0;
}
