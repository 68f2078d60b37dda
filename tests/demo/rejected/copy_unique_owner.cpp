// SPDX-License-Identifier: MIT
// A unique owner cannot be copied: there would be two of them.
// expect: use of deleted function|call to (implicitly-)?deleted (copy )?constructor
#include <memory>

int main() {
  const auto owner = std::make_unique<int>(7);
#ifdef MUST_NOT_COMPILE
  const auto second = owner;
#endif
  return *owner - 7;
}
