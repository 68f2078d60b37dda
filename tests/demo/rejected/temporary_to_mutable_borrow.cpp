// SPDX-License-Identifier: MIT
// A mutable borrow of a temporary would change something nobody can look at afterwards.
// expect: cannot bind non-const lvalue reference|expects an lvalue for
#include <string>

void close_sentence(std::string &text) { text += '.'; }

int main() {
  std::string text = "fine";
  close_sentence(text);
#ifdef MUST_NOT_COMPILE
  close_sentence(std::string("lost"));
#endif
  return text.size() == 5 ? 0 : 1;
}
