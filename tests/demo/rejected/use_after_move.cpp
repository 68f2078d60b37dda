// SPDX-License-Identifier: MIT
// The one mistake of the article's first lines that C++ compiles: clang-tidy finds it.
// expect: used after it was moved \[bugprone-use-after-move
#include <cstdio>
#include <string>
#include <utility>

int main() {
  std::string data = "Hello, world!";
  const std::string moved_data = std::move(data);
#ifdef MUST_NOT_COMPILE
  std::puts(data.c_str());
#endif
  std::puts(moved_data.c_str());
}
