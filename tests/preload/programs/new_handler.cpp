// SPDX-License-Identifier: MIT
// What C++ promises when memory runs out: the handler is called, bad_alloc can be caught, nothrow gives null.
#include <cstdio>
#include <new>
#include <string>
#include <vector>

static int calls;
static volatile std::size_t too_much = std::size_t{1} << 62;

static void give_up_after_three() {
  if (++calls == 3) std::set_new_handler(nullptr);
}
static void throw_own() { throw std::bad_alloc(); }

template <typename Function>
static void attempt(const char *what, Function function) {
  try {
    std::printf("%s: %s\n", what, function() == nullptr ? "null" : "block");
  } catch (const std::bad_alloc &) {
    std::printf("%s: bad_alloc\n", what);
  }
}

int main() {
  const std::align_val_t align{64};
  attempt("new", [] { return ::operator new(too_much); });
  attempt("new[]", [] { return ::operator new[](too_much); });
  attempt("aligned new", [=] { return ::operator new(too_much, align); });
  attempt("aligned new[]", [=] { return ::operator new[](too_much, align); });
  attempt("nothrow new", [] { return ::operator new(too_much, std::nothrow); });
  attempt("nothrow new[]", [] { return ::operator new[](too_much, std::nothrow); });
  attempt("nothrow aligned new", [=] { return ::operator new(too_much, align, std::nothrow); });
  attempt("nothrow aligned new[]", [=] { return ::operator new[](too_much, align, std::nothrow); });
  attempt("vector", []() -> void * { return std::vector<char>(too_much / 2).data(); });
  attempt("string", []() -> void * { return std::string(too_much / 2, 'x').data(); });
  std::set_new_handler(give_up_after_three);
  attempt("new with a handler", [] { return ::operator new(too_much); });
  std::printf("the handler was called %d times\n", calls);
  calls = 0;
  std::set_new_handler(give_up_after_three);
  attempt("nothrow new with a handler", [] { return ::operator new(too_much, std::nothrow); });
  std::printf("the handler was called %d times\n", calls);
  std::set_new_handler(throw_own);
  attempt("nothrow new with a handler that throws", [] { return ::operator new(too_much, std::nothrow); });
  attempt("new with a handler that throws", [] { return ::operator new(too_much); });
  return 0;
}
