// SPDX-License-Identifier: MIT
// Every operator new with every operator delete that may follow it.
#include <cstdint>
#include <cstdio>
#include <initializer_list>
#include <new>

static constexpr std::align_val_t kAlignment{64};

static void *used(void *block, std::size_t alignment) {
  if (block == nullptr || reinterpret_cast<std::uintptr_t>(block) % alignment != 0)
    std::puts("no such block");
  *static_cast<volatile char *>(block) = 'x';
  return block;
}

int main() {
  for (std::size_t n : {1, 40, 700, 5000, 300'000}) {
    const auto plain = [n](bool nothrow) {
      return used(nothrow ? ::operator new(n, std::nothrow) : ::operator new(n), 8);
    };
    const auto array = [n](bool nothrow) {
      return used(nothrow ? ::operator new[](n, std::nothrow) : ::operator new[](n), 8);
    };
    const auto aligned = [n](bool nothrow) {
      return used(nothrow ? ::operator new(n, kAlignment, std::nothrow) : ::operator new(n, kAlignment), 64);
    };
    const auto aligned_array = [n](bool nothrow) {
      return used(nothrow ? ::operator new[](n, kAlignment, std::nothrow) : ::operator new[](n, kAlignment),
                  64);
    };
    for (const bool nothrow : {false, true}) {
      ::operator delete(plain(nothrow));
      ::operator delete(plain(nothrow), n);
      ::operator delete(plain(nothrow), std::nothrow);
      ::operator delete[](array(nothrow));
      ::operator delete[](array(nothrow), n);
      ::operator delete[](array(nothrow), std::nothrow);
      ::operator delete(aligned(nothrow), kAlignment);
      ::operator delete(aligned(nothrow), n, kAlignment);
      ::operator delete(aligned(nothrow), kAlignment, std::nothrow);
      ::operator delete[](aligned_array(nothrow), kAlignment);
      ::operator delete[](aligned_array(nothrow), n, kAlignment);
      ::operator delete[](aligned_array(nothrow), kAlignment, std::nothrow);
    }
  }
  // What fails is caught on the way.
  const std::size_t too_much = ~std::size_t{0} >> 1;
  std::printf("%d ", ::operator new(too_much, std::nothrow) == nullptr);
  std::printf("%d ", ::operator new[](too_much, std::nothrow) == nullptr);
  std::printf("%d ", ::operator new(too_much, kAlignment, std::nothrow) == nullptr);
  std::printf("%d\n", ::operator new[](too_much, kAlignment, std::nothrow) == nullptr);
  return 0;
}
