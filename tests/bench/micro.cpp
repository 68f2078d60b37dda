// SPDX-License-Identifier: MIT
//
// Workloads that do nothing but allocate and free: micro LOOP COUNT LIVE THREADS. Each of the threads makes
// COUNT operations; sizes are random up to 512 bytes where the loop's name does not say otherwise.
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "json_into_map.h"

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

// A fresh block in place of another, chosen at random.
template <typename Allocate>
void replace_at_random(const Job &job, unsigned thread, Allocate allocate) {
  std::vector<void *> live(job.live);
  Random random{88172645463325252u + thread};
  for (std::uint64_t i = 0; i < job.count; ++i) {
    const std::uint64_t draw = random();
    void *&place = live[(draw >> 20) % live.size()];
    std::free(place);
    place = allocate(draw >> 40);
    touch(place);
  }
  for (void *block : live) std::free(block);
}

template <std::size_t most>
void random_sizes(const Job &job, unsigned thread) {
  replace_at_random(job, thread, [](std::uint64_t draw) { return std::malloc(1 + draw % most); });
}

void aligned(const Job &job, unsigned thread) {
  replace_at_random(job, thread,
                    [](std::uint64_t draw) { return std::aligned_alloc(64, 64 * (1 + draw % 8)); });
}

void zeroed(const Job &job, unsigned thread) {
  replace_at_random(job, thread, [](std::uint64_t draw) { return std::calloc(1, 1 + draw % 500); });
}

// As a buffer is that grows or shrinks once before it goes.
void resized(const Job &job, unsigned) {
  Random random{88172645463325252u};
  for (std::uint64_t i = 0; i < job.count; ++i) {
    const std::uint64_t draw = random();
    void *block = std::malloc(1 + (draw >> 20) % 500);
    touch(block);
    block = std::realloc(block, 1 + (draw >> 40) % 500);
    touch(block);
    std::free(block);
  }
}

void batches(const Job &job, unsigned) {
  std::vector<void *> live(job.live);
  for (std::uint64_t done = 0; done < job.count; done += job.live) {
    for (void *&place : live) touch(place = std::malloc(64));
    for (void *place : live) std::free(place);
  }
}

void new_and_delete(const Job &job, unsigned) {
  struct Object {
    void *block;
    std::size_t bytes;
  };
  std::vector<Object> live(job.live);
  Random random{88172645463325252u};
  for (std::uint64_t i = 0; i < job.count; ++i) {
    const std::uint64_t draw = random();
    Object &object = live[(draw >> 20) % live.size()];
    if (object.block != nullptr) ::operator delete(object.block, object.bytes);
    object.bytes = 1 + (draw >> 40) % 500;
    touch(object.block = ::operator new(object.bytes));
  }
  for (const Object &object : live) ::operator delete(object.block, object.bytes);
}

// Objects of classes that differ in size, as a program of many types makes them.
template <std::size_t bytes>
struct OfSize {
  char room[bytes];
  static void *make() { return new OfSize; }
  static void end(void *object) { delete static_cast<OfSize *>(object); }
};
void classes(const Job &job, unsigned) {
  struct Type {
    void *(*make)();
    void (*end)(void *);
  };
  static constexpr Type kTypes[] = {
      {OfSize<8>::make, OfSize<8>::end},     {OfSize<16>::make, OfSize<16>::end},
      {OfSize<24>::make, OfSize<24>::end},   {OfSize<32>::make, OfSize<32>::end},
      {OfSize<48>::make, OfSize<48>::end},   {OfSize<72>::make, OfSize<72>::end},
      {OfSize<120>::make, OfSize<120>::end}, {OfSize<320>::make, OfSize<320>::end}};
  struct Object {
    void *block;
    const Type *type;
  };
  std::vector<Object> live(job.live);
  Random random{88172645463325252u};
  for (std::uint64_t i = 0; i < job.count; ++i) {
    const std::uint64_t draw = random();
    Object &object = live[(draw >> 20) % live.size()];
    if (object.block != nullptr) object.type->end(object.block);
    object.type = &kTypes[(draw >> 40) % std::size(kTypes)];
    touch(object.block = object.type->make());
  }
  for (const Object &object : live) {
    if (object.block != nullptr) object.type->end(object.block);
  }
}

void strings(const Job &job, unsigned) {
  std::vector<std::string> live(job.live);
  Random random{88172645463325252u};
  for (std::uint64_t i = 0; i < job.count; ++i) {
    const std::uint64_t draw = random();
    live[(draw >> 20) % live.size()] = std::string(5 + (draw >> 40) % 36, 'x');
  }
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

void json(const Job &job, unsigned) { json_into_map(job.count); }

struct Loop {
  const char *name;
  void (*run)(const Job &job, unsigned thread);
};
const Loop kLoops[] = {{"same-size", same_size},
                       {"batches", batches},
                       {"random", random_sizes<512>},
                       {"random-8", random_sizes<8>},
                       {"random-64", random_sizes<64>},
                       {"random-1000", random_sizes<1000>},
                       {"aligned", aligned},
                       {"calloc", zeroed},
                       {"realloc", resized},
                       {"new", new_and_delete},
                       {"classes", classes},
                       {"strings", strings},
                       {"json", json},
                       {"growth", growth},
                       {"handover", handover},
                       {"thread-churn", thread_churn}};

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
