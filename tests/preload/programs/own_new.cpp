// SPDX-License-Identifier: MIT
// A program that replaces only the two plain operators: all other forms must follow them to the replacement.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

static long made, released;

void *operator new(std::size_t size) {
  ++made;
  auto *p = static_cast<std::size_t *>(std::malloc(size + 16));
  p[0] = 0x1234;
  return p + 2;
}
void operator delete(void *p) noexcept {
  if (p == nullptr) return;
  auto *header = static_cast<std::size_t *>(p) - 2;
  if (header[0] != 0x1234) std::puts("a block that operator new did not make"), std::abort();
  ++released;
  std::free(header);
}

template <typename Function>
static void expect(const char *what, Function function) {
  const long made_before = made, released_before = released;
  function();
  std::printf("%s: made %ld released %ld\n", what, made - made_before, released - released_before);
}

int main() {
  expect("new", [] { ::operator delete(::operator new(10)); });
  expect("new[]", [] { ::operator delete[](::operator new[](10)); });
  expect("nothrow", [] { ::operator delete(::operator new(10, std::nothrow), std::nothrow); });
  expect("nothrow[]", [] { ::operator delete[](::operator new[](10, std::nothrow), std::nothrow); });
  expect("sized", [] { ::operator delete (::operator new(10), std::size_t{10}); });
  expect("sized[]", [] { ::operator delete[](::operator new[](10), std::size_t{10}); });
  expect("string", [] { std::string text(100, 'x'); });
  expect("shared_ptr", [] { std::make_shared<std::string>(1000, 'y'); });
  return 0;
}
