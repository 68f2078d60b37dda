// SPDX-License-Identifier: MIT
// What is borrowed for reading cannot be modified.
// expect: discards qualifiers|no match for .operator\+=|passing .const|no viable overloaded
#include <string>

std::size_t length_of(const std::string &text) {
#ifdef MUST_NOT_COMPILE
  text += '.';
#endif
  return text.size();
}

int main() { return length_of("") == 0 ? 0 : 1; }
