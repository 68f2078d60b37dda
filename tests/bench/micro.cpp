// SPDX-License-Identifier: MIT
//
// Workloads that do nothing but allocate and free: micro LOOP COUNT LIVE THREADS. Each of the threads makes
// COUNT operations; sizes are random up to 512 bytes where the loop's name does not say otherwise.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

namespace {

struct Random {
  std::uint64_t state;
  std::uint64_t operator()() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
  }
};

struct Job {
  std::uint64_t count, live;
  unsigned threads;
};

void touch(void *block) { *static_cast<volatile char *>(block) = 1; }

void same_size(const Job &job, unsigned) {
  for (std::uint64_t i = 0; i < job.count; ++i) {
    void *block = std::malloc(64);
    touch(block);
    std::free(block);
  }
}

void random_sizes(const Job &job, unsigned thread) {
  std::vector<void *> live(job.live);
  Random random{88172645463325252u + thread};
  for (std::uint64_t i = 0; i < job.count; ++i) {
    const std::uint64_t draw = random();
    void *&place = live[(draw >> 20) % live.size()];
    std::free(place);
    place = std::malloc(1 + (draw >> 40) % 512);
    touch(place);
  }
  for (void *block : live) std::free(block);
}

void aligned(const Job &job, unsigned thread) {
  std::vector<void *> live(job.live);
  Random random{88172645463325252u + thread};
  for (std::uint64_t i = 0; i < job.count; ++i) {
    const std::uint64_t draw = random();
    void *&place = live[(draw >> 20) % live.size()];
    std::free(place);
    place = std::aligned_alloc(64, 64 * (1 + (draw >> 40) % 8));
    touch(place);
  }
  for (void *block : live) std::free(block);
}

void growth(const Job &job, unsigned) {
  for (std::uint64_t i = 0; i < job.count; ++i) {
    void *block = nullptr;
    for (std::size_t bytes = 16; bytes <= 16384; bytes += bytes / 4 + 16) {
      block = std::realloc(block, bytes);
      static_cast<volatile char *>(block)[bytes - 1] = 1;
    }
    std::free(block);
  }
}

void thread_churn(const Job &job, unsigned) {
  for (std::uint64_t i = 0; i < job.count; ++i) {
    std::thread([i] {
      void *blocks[50];
      for (std::size_t n = 0; n < 50; ++n) touch(blocks[n] = std::malloc(1 + (i + n * 37) % 512));
      for (void *block : blocks) std::free(block);
    }).join();
  }
}

// A ring between two threads: one allocates, the other frees.
constexpr std::size_t kRing = 1024;
std::atomic<void *> ring[kRing];

void handover(const Job &job, unsigned thread) {
  Random random{88172645463325252u};
  for (std::uint64_t i = 0; i < job.count; ++i) {
    auto &place = ring[i % kRing];
    if (thread == 0) {
      void *block = std::malloc(1 + (random() >> 40) % 512);
      touch(block);
      while (place.load(std::memory_order_relaxed) != nullptr) std::this_thread::yield();
      place.store(block, std::memory_order_release);
    } else {
      void *block;
      while ((block = place.exchange(nullptr, std::memory_order_acquire)) == nullptr)
        std::this_thread::yield();
      std::free(block);
    }
  }
}

struct Loop {
  const char *name;
  void (*run)(const Job &job, unsigned thread);
};
const Loop kLoops[] = {{"same-size", same_size}, {"random", random_sizes}, {"aligned", aligned},
                       {"growth", growth},       {"handover", handover},   {"thread-churn", thread_churn}};

}  // namespace

int main(int argc, char **argv) {
  if (argc == 5) {
    const Job job{std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10),
                  static_cast<unsigned>(std::atoi(argv[4]))};
    for (const Loop &loop : kLoops) {
      if (std::strcmp(loop.name, argv[1]) != 0) continue;
      std::vector<std::thread> others;
      for (unsigned thread = 1; thread < job.threads; ++thread) others.emplace_back(loop.run, job, thread);
      loop.run(job, 0);
      for (auto &other : others) other.join();
      return 0;
    }
  }
  std::fprintf(stderr, "usage: %s LOOP COUNT LIVE THREADS; loops:", argv[0]);
  for (const Loop &loop : kLoops) std::fprintf(stderr, " %s", loop.name);
  std::fputs("\n", stderr);
  return 2;
}
