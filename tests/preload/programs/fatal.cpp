// SPDX-License-Identifier: MIT
// fatal throw|segv|overflow|smashed|handler: dies as programs die, with blocks live and a handler's last
// words.
#include <unistd.h>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

static int deeper(int depth) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(depth);
  return depth < 0 ? 0 : deeper(depth + 1) + frame[0];
}

static void last_words(int) {
  static const char words[] = "last words\n";
  std::free(std::malloc(100));  // not allowed, and widely done
  if (write(1, words, sizeof words - 1) < 0) _exit(1);
  _exit(9);
}

int main(int argc, char **argv) {
  const std::string way = argc > 1 ? argv[1] : "";
  std::vector<std::string> live(100, std::string(100, 'x'));
  std::printf("dying by %s\n", way.c_str());
  std::fflush(stdout);
  if (way == "handler") std::signal(SIGSEGV, last_words);
  if (way == "throw") throw std::runtime_error(live[0].substr(0, 3));
  if (way == "overflow") return deeper(0);
  raise(SIGSEGV);
  return 0;
}
