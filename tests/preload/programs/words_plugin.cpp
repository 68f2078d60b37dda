// SPDX-License-Identifier: MIT
// A C++ library that keeps its blocks to itself: what it makes, it releases, the last at its unloading.
#include <map>
#include <new>
#include <string>

static std::map<int, std::string> words;

extern "C" long plugin_words() {
  volatile std::size_t too_much = std::size_t{1} << 62;
  try {
    ::operator delete(::operator new(too_much));
  } catch (const std::bad_alloc &) {
    for (int i = 0; i < 1000; ++i) words[i] = std::string(static_cast<std::size_t>(i % 90), 'x');
  }
  return static_cast<long>(words.size());
}
