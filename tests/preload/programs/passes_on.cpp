// SPDX-License-Identifier: MIT
// passes_on [hidden]: threads hand blocks to each other, each held by one pointer only, wherever that may be
// for a while: in a slot, a queue, a register, an epoll, another thread's stack. With "hidden", one more
// hides what it will free, now and then for seconds, as no look can see: encoded. Until it is killed.
#include <sys/epoll.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <future>
#include <mutex>
#include <queue>
#include <thread>

namespace {

std::atomic<void *> slot{nullptr};
std::mutex mutex;
std::queue<void *> line;
int epoll, ends[2];

void *make() {
  void *block = std::malloc(1000);
  std::memset(block, 0, 1000);
  return block;
}
void pause_a_little() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

[[noreturn]] void put_into_slot() {
  while (true) {
    void *none = nullptr, *block = make();
    while (!slot.compare_exchange_weak(none, block)) none = nullptr, std::this_thread::yield();
  }
}
[[noreturn]] void take_from_slot() {
  while (true) {
    if (void *block = slot.exchange(nullptr)) {
      const std::lock_guard lock(mutex);
      line.push(block);
    }
    pause_a_little();
  }
}
// The kernel alone holds it, until it is asked for again.
[[noreturn]] void take_from_line() {
  epoll_event event = {};
  event.events = EPOLLIN;
  epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
  while (true) {
    {
      const std::lock_guard lock(mutex);
      event.data.ptr = line.empty() ? nullptr : line.front();
      if (!line.empty()) line.pop();
    }
    epoll_ctl(epoll, EPOLL_CTL_MOD, ends[0], &event);
    event.data.ptr = nullptr;
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    if (epoll_wait(epoll, &event, 1, -1) == 1) std::free(event.data.ptr);
  }
}
[[noreturn]] void hold_in_another() {
  while (true) {
    std::promise<void *> promise;
    std::thread other([&promise] {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      promise.set_value(std::realloc(make(), 5000));
    });
    std::free(promise.get_future().get());
    other.join();
  }
}
[[noreturn]] void hide() {
  while (true) {
    std::uintptr_t hidden[200];
    for (auto &word : hidden) word = reinterpret_cast<std::uintptr_t>(make()) ^ 0x5555555555555555u;
    std::this_thread::sleep_for(std::chrono::seconds(2));
    for (const auto word : hidden) std::free(reinterpret_cast<void *>(word ^ 0x5555555555555555u));
  }
}

}  // namespace

int main(int argc, char **) {
  epoll = epoll_create1(0);
  if (pipe(ends) != 0 || write(ends[1], "", 1) != 1) return 3;
  for (const auto body : {put_into_slot, take_from_slot, take_from_line, hold_in_another})
    std::thread(body).detach();
  if (argc > 1) hide();
  while (true) pause();
}
