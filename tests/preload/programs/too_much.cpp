// SPDX-License-Identifier: MIT
// More memory than the machine has is refused, by every call alike, and a block that cannot grow stays.
#include <malloc.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <new>

namespace {

constexpr std::size_t kTebibyte = std::size_t{1} << 40;

void say(const char *call, const void *block) {
  std::printf("%s: %s, errno %d\n", call, block == nullptr ? "refused" : "given", errno);
  errno = 0;
}

}  // namespace

int main() {
  errno = 0;
  say("malloc", malloc(kTebibyte));
  say("memalign", memalign(1 << 20, kTebibyte));
  say("valloc", valloc(kTebibyte));
  void *aligned = nullptr;
  std::printf("posix_memalign: %d\n", posix_memalign(&aligned, 4096, kTebibyte));
  say("new", ::operator new(kTebibyte, std::nothrow));
  say("alignment", aligned_alloc(kTebibyte, 100));
  for (const std::size_t size : {std::size_t{100}, std::size_t{5000}, std::size_t{40} << 20}) {
    char *block = static_cast<char *>(malloc(size));
    std::memset(block, 7, size);
    errno = 0;
    void *grown = realloc(block, kTebibyte);
    say("realloc", grown);
    if (grown == nullptr) std::printf("kept: %d\n", block[0] == 7 && block[size - 1] == 7);
    if (grown == nullptr) free(block);
  }
}
