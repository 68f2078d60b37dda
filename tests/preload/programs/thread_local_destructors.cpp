// SPDX-License-Identifier: MIT
//
// Destructors of thread_local objects and of keys allocate, free, and set each other up again, in every round
// that glibc grants, in 500 threads.
#include <pthread.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

static pthread_key_t key;
static std::atomic<long> objects, rounds;

struct Late {
  std::vector<std::string> words{20, std::string(50, 'w')};
  ~Late() {
    words.emplace_back(5000, 'x');
    objects += static_cast<long>(words.size());
  }
};
thread_local Late first;
thread_local std::unique_ptr<Late> second;

static void destroy(void *left) {
  const auto round = static_cast<long *>(left);
  ++rounds;
  thread_local Late born_in_a_key_destructor;
  born_in_a_key_destructor.words.clear();
  if (*round > 0) pthread_setspecific(key, new long(*round - 1));
  delete round;
}

int main() {
  pthread_key_create(&key, destroy);
  for (int i = 0; i < 500; ++i) {
    std::thread([] {
      first.words.push_back("once more");
      second = std::make_unique<Late>();
      pthread_setspecific(key, new long(3));
    }).join();
  }
  std::printf("%ld words, %ld rounds\n", objects.load(), rounds.load());
  return 0;
}
