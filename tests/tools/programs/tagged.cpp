// SPDX-License-Identifier: MIT
//
// tagged: holds a block of 70,001 bytes from within two tags, one of 70,002 from behind them, and one of
// 70,003 from a thread of its own tag; then sleeps.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <thread>

#include <heapmeter/heapmeter.hpp>

namespace {

void *volatile held[3];

[[gnu::noinline]] void hold(int place, std::size_t bytes) {
  held[place] = std::malloc(bytes);
  asm volatile("");
}

[[gnu::noinline]] void parse() {
  const heapmeter::Tag tag("parser");
  hold(0, 70'001);
  asm volatile("");
}

[[gnu::noinline]] void serve() {
  const heapmeter::Tag tag("request");
  parse();
  asm volatile("");
}

}  // namespace

int main() {
  serve();
  hold(1, 70'002);
  std::thread([] {
    const heapmeter::Tag tag("worker");
    hold(2, 70'003);
    asm volatile("");
  }).join();
  std::puts("ready");
  std::fflush(stdout);
  for (;;) pause();
}
