// SPDX-License-Identifier: MIT
// Objects of static and of thread storage whose destructors allocate, of main, of a thread that ended and of
// one that calls exit.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

struct Noisy {
  explicit Noisy(const char *name) : text(std::string(100, '.') + name) {}
  ~Noisy() {
    std::vector<std::string> copies(50, text);
    std::printf("%s gone, %zu copies\n", copies.back().c_str() + 100, copies.size());
    std::fflush(stdout);
  }
  std::string text;
};

static Noisy of_process("static");
static thread_local Noisy of_thread("thread_local");

int main(int argc, char **) {
  std::printf("%c\n", of_thread.text[0]);
  std::thread([] { std::printf("%zu\n", of_thread.text.size()); }).join();
  static Noisy of_main("function's static");
  std::atexit([] { std::printf("handler, %zu\n", std::string(1000, 'x').size()); });
  if (argc > 1) {
    std::thread([] {
      std::printf("%zu\n", of_thread.text.size());
      std::exit(8);
    }).join();
  }
  return 0;
}
