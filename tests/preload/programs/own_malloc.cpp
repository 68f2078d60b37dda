// SPDX-License-Identifier: MIT
// A program with a malloc of its own: it must go on using it, for operator new as well, metered or not.
#include <cstdio>
#include <cstring>
#include <string>

static char arena[1 << 20];
static std::size_t used;
static long calls;

static bool is_ours(const void *p) { return p >= arena && p < arena + sizeof arena; }

extern "C" void *malloc(std::size_t size) {
  ++calls;
  char *p = arena + used;
  used += (size + 31) / 16 * 16;
  std::memcpy(p, &size, sizeof size);
  return used < sizeof arena ? p + 16 : nullptr;
}
extern "C" void free(void *p) {
  if (p != nullptr && !is_ours(p)) std::fputs("a foreign block reached our free\n", stderr);
}
extern "C" void *calloc(std::size_t count, std::size_t size) {
  void *p = malloc(count * size);
  return p == nullptr ? p : std::memset(p, 0, count * size);
}
extern "C" void *realloc(void *old, std::size_t size) {
  void *p = malloc(size);
  std::size_t before = 0;
  if (old != nullptr) std::memcpy(&before, static_cast<char *>(old) - 16, sizeof before);
  if (p != nullptr && old != nullptr) std::memcpy(p, old, before < size ? before : size);
  return p;
}

int main() {
  std::string *text = new std::string(500, 'x');
  std::printf("operator new is %s, its buffer is %s\n", is_ours(text) ? "ours" : "not ours",
              is_ours(text->data()) ? "ours" : "not ours");
  delete text;
  std::printf("strdup is %s\n", is_ours(strdup("hello")) ? "ours" : "not ours");
  return calls > 2 ? 0 : 1;
}
