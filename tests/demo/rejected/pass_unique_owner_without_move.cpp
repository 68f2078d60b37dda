// SPDX-License-Identifier: MIT
// Handing over ownership must be written down with std::move.
// expect: use of deleted function|call to (implicitly-)?deleted (copy )?constructor
#include <memory>
#include <utility>

int consume(std::unique_ptr<int> number) { return *number; }

int main() {
  auto owner = std::make_unique<int>(0);
#ifdef MUST_NOT_COMPILE
  return consume(owner);
#else
  return consume(std::move(owner));
#endif
}
