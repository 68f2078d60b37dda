// SPDX-License-Identifier: MIT
// A program with its own malloc and its own operator new, each from an arena of its own.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

struct Arena {
  alignas(16) char memory[1 << 20];
  std::size_t used;
  void *take(std::size_t size) {
    char *p = memory + used;
    used += (size + 15) / 16 * 16;
    return used <= sizeof memory ? p : nullptr;
  }
  bool has(const void *p) const { return p >= memory && p < memory + sizeof memory; }
};
static Arena for_c, for_cpp;

extern "C" void *malloc(std::size_t size) { return for_c.take(size); }
extern "C" void *calloc(std::size_t count, std::size_t size) { return for_c.take(count * size); }
extern "C" void *realloc(void *old, std::size_t size) {
  void *p = for_c.take(size);
  return old == nullptr ? p : std::memcpy(p, old, size);
}
extern "C" void free(void *p) {
  if (p != nullptr && !for_c.has(p)) std::abort();
}
void *operator new(std::size_t size) { return for_cpp.take(size); }
void operator delete(void *p) noexcept {
  if (p != nullptr && !for_cpp.has(p)) std::abort();
}
void operator delete(void *p, std::size_t) noexcept { ::operator delete(p); }

int main() {
  std::string text(500, 'x');
  int *array = new int[100];
  char *copy = strdup(text.c_str());
  std::printf("new: %d, new[]: %d, strdup: %d\n", for_cpp.has(text.data()), for_cpp.has(array),
              for_c.has(copy));
  free(copy);
  delete[] array;
  return 0;
}
