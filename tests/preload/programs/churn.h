// SPDX-License-Identifier: MIT
//
// The parts of the churn program: a thread's tally, its random work, the mailboxes through which blocks
// change hands, and the comparison of a tally with two readings of the meter. Nothing in here allocates for
// itself while work goes on.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

#include <heapmeter/heapmeter.hpp>

namespace churn {

struct Tally {
  std::uint64_t operations = 0, allocations = 0, frees = 0, reallocations = 0, allocated = 0, freed = 0;
  Tally &operator+=(const Tally &other);
  Tally operator-(const Tally &other) const;
};

enum class Family : std::uint8_t { kMalloc, kNew, kNewArray, kNewAligned };

struct Block {
  char *address = nullptr;
  std::size_t size = 0;
  Family family = Family::kMalloc;
};

// Blocks on their way to another thread, which will free them.
class Mailbox {
 public:
  bool put(const Block &block);
  Block take();  // address null when empty
  void release_all();
  std::uint64_t usable() const;  // of the blocks in it, as malloc_usable_size has it

 private:
  static constexpr int kRoom = 64;
  std::mutex mutex_;
  Block blocks_[kRoom];
  int count_ = 0;
};

class Worker {
 public:
  explicit Worker(unsigned seed) : random_(seed), table_(300) {}
  void work(std::uint64_t operations);
  void release_all();
  std::uint64_t usable() const;

  Tally tally;
  bool may_calloc = true;
  bool alone = false;  // in a forked child: a mailbox's lock may be held by a thread that is not there

 private:
  Block allocate();
  void release(Block &block);
  void resize(Block &block);
  std::size_t random_size();

  std::minstd_rand random_;
  std::vector<Block> table_;
};

extern bool follow_peak;
// The live bytes as the threads know them: counted after they became live, and before.
extern std::atomic<std::int64_t> surely_live, perhaps_live, surely_peak, perhaps_peak;
extern std::vector<std::unique_ptr<Mailbox>> mailboxes;

// What the meter counted between two readings is the tally, plus, for each of at most `threads` new threads,
// one calloc of thread_bytes that may have been freed again.
bool compare(const char *whose, const heapmeter_snapshot &before, const heapmeter_snapshot &after,
             const Tally &tally, std::uint64_t thread_bytes, std::uint64_t threads);
bool equals(const heapmeter_thread_counters &seen, const Tally &tally);
bool peak_is_right(const heapmeter_snapshot &after, const heapmeter_snapshot &before);

}  // namespace churn
