// SPDX-License-Identifier: MIT
// A C++ library that a C program loads: strings, a caught bad_alloc, and a block that the host must free.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <new>
#include <string>

extern "C" char *plugin_work() {
  std::map<int, std::string> words;
  for (int i = 0; i < 1000; ++i) words[i] = std::string(static_cast<std::size_t>(i % 90), 'x');
  volatile std::size_t too_much = std::size_t{1} << 62;
  try {
    ::operator delete(::operator new(too_much));
  } catch (const std::bad_alloc &error) {
    std::printf("caught %s\n", error.what());
  }
  std::printf("nothrow new gives %s\n",
              ::operator new(too_much, std::nothrow) == nullptr ? "null" : "a block");
  std::printf("%zu words\n", words.size());
  std::fflush(stdout);
  auto *text = static_cast<char *>(std::malloc(64));
  std::snprintf(text, 64, "a block made in the plugin");
  return text;
}
