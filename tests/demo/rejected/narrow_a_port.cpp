// SPDX-License-Identifier: MIT
// A value that does not fit is refused, not cut off.
// expect: narrowing conversion|cannot be narrowed
#include <cstdint>

int main() {
#ifdef MUST_NOT_COMPILE
  const std::uint16_t port{70'000};
#else
  const std::uint16_t port{8080};
#endif
  return port == 8080 ? 0 : 1;
}
