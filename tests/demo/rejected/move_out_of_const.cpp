// SPDX-License-Identifier: MIT
// Who holds something only for reading cannot give it away.
// expect: use of deleted function|call to (implicitly-)?deleted (copy )?constructor
#include <memory>
#include <utility>

int main() {
  std::unique_ptr<int> owner = std::make_unique<int>(7);
  const std::unique_ptr<int> next = std::move(owner);
#ifdef MUST_NOT_COMPILE
  const std::unique_ptr<int> stolen = std::move(next);
#endif
  return *next - 7;
}
