// SPDX-License-Identifier: MIT
// Replaces only the plain operators. The aligned forms are not theirs: they come from the runtime, aligned,
// and the replacement must never see them.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <new>

static long made, released;

void *operator new(std::size_t size) {
  ++made;
  return static_cast<char *>(std::malloc(size + 16)) + 16;
}
void operator delete(void *p) noexcept {
  if (p == nullptr) return;
  ++released;
  std::free(static_cast<char *>(p) - 16);
}

struct alignas(128) Wide {
  char bytes[384];
};

int main() {
  int aligned = 0;
  for (int i = 0; i < 50; ++i) {
    Wide *one = new Wide, *many = new Wide[3], *quiet = new (std::nothrow) Wide;
    for (const Wide *wide : {one, many, quiet}) aligned += reinterpret_cast<std::uintptr_t>(wide) % 128 == 0;
    delete one;
    delete[] many;
    ::operator delete (quiet, std::align_val_t{128}, std::nothrow);
  }
  delete new int;
  std::printf("%d aligned, plain operators made %ld released %ld\n", aligned, made, released);
  return 0;
}
