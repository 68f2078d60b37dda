// SPDX-License-Identifier: MIT
//
// Coroutines: frames made by operator new in one thread, resumed, finished and destroyed in others.
#include <atomic>
#include <coroutine>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

struct Task {
  struct promise_type {
    Task get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};

static std::atomic<long> letters;

static Task spell(std::string word, int times) {
  std::vector<std::string> said;
  for (int i = 0; i < times; ++i) {
    said.push_back(word + std::string(static_cast<std::size_t>(i), '!'));
    letters += static_cast<long>(said.back().size());
    co_await std::suspend_always{};
  }
}

int main() {
  std::vector<Task> tasks;
  for (int i = 0; i < 1000; ++i) tasks.push_back(spell(std::string(30, 'a'), i % 20));
  for (int round = 0; round < 21; ++round) {
    std::thread([&] {
      for (Task &task : tasks) {
        if (!task.handle.done()) task.handle.resume();
      }
    }).join();
  }
  std::thread([&] {
    for (Task &task : tasks) task.handle.destroy();
  }).join();
  std::printf("%ld letters\n", letters.load());
  return 0;
}
