// SPDX-License-Identifier: MIT
//
// The first two bytes of an entry come and go by one store each: between two, the page that they are on may
// be moved away, and with it one of them. What the compiler made of it only the machine tells, instruction by
// instruction.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "books/ledger.h"
#include "tracking/tracked_heap.h"

using namespace heapmeter;

namespace {

// What the child says, in memory that it shares.
struct Said {
  const uint8_t *volatile watched;
  volatile size_t count;
  volatile uint16_t heads[4096];
};

class Child {
 public:
  explicit Child(Said &said) : said_(said) {}

  void run(bool watches) {
    watches_ = watches;
    for (const size_t bytes : {20, 100, 3000, 5000, 57'500}) {
      char *block = make(bytes);
      note();
      watch(block);
      // In place, where its class has room for more, and elsewhere.
      for (const size_t other : {bytes - 3, bytes / 3, bytes}) {
        block = static_cast<char *>(tracked_heap::reallocate(block, other));
        note();
      }
      release(block);
      // At the same address again, now and then.
      for (int i = 0; i < 3; ++i) {
        block = make(bytes);
        note();
        release(block);
      }
      void *aligned =
          tracked_heap::allocate_aligned_slow(bytes, 64, AllocationKind::k_aligned, Family::kMalloc);
      note();
      watch(aligned);
      the_ledger.find(aligned).write_sampled();
      note();
      the_ledger.find(aligned).write(bytes, 0, Family::kMalloc, false);
      note();
      release(aligned);
    }
    stop_watching();
  }

 private:
  static char *make(size_t bytes) {
    return static_cast<char *>(tracked_heap::allocate<AllocationKind::k_malloc, Family::kMalloc>(bytes));
  }
  void release(void *block) {
    tracked_heap::release<FreeKind::k_free, Family::kMalloc>(block);
    note();
  }
  void note() {
    if (said_.watched == nullptr) return;
    if (said_.count >= sizeof said_.heads / sizeof *said_.heads) _exit(2);
    said_.heads[said_.count] = entry::read_word(const_cast<const uint8_t *>(said_.watched));
    said_.count = said_.count + 1;
  }
  void watch(const void *block) {
    if (!watches_) return;
    stop_watching();
    said_.watched = the_ledger.find(block).at();
    raise(SIGUSR2);
    note();
  }
  // What is the truth of one entry is none of the next one's.
  void stop_watching() {
    if (said_.watched == nullptr) return;
    said_.watched = nullptr;
    raise(SIGUSR1);
    said_.count = 0;
  }

  Said &said_;
  bool watches_ = false;
};

struct Seen {
  size_t instructions = 0, heads = 0;
  std::string fault;
};

// Where a block was another may come to lie around: then there are digits of its record, which come by
// several stores, and which no entry's first byte looks like.
bool may_begin_an_entry(uint16_t head) {
  const unsigned first = head & 0xff, tag = first & entry::kTagMask;
  return tag == 0 ? first < (entry::kDigitsThere & 0xff) : tag <= entry::kLastTag;
}

// Both must have been the truth at some time, between two calls.
Seen step_through(pid_t child, Said &said) {
  Seen seen;
  std::set<uint16_t> heads;
  int status = 0;
  for (int signal = 0;;) {
    const auto go_on = said.watched != nullptr ? PTRACE_SINGLESTEP : PTRACE_CONT;
    if (ptrace(go_on, child, nullptr, signal) != 0 || waitpid(child, &status, 0) != child) break;
    if (!WIFSTOPPED(status)) break;
    ++seen.instructions;
    signal = 0;
    if (WSTOPSIG(status) == SIGUSR1) {
      std::set<uint16_t> said_heads;
      for (size_t i = 0; i < said.count; ++i) said_heads.insert(uint16_t{said.heads[i]});
      for (const uint16_t head : heads) {
        if (!said_heads.contains(head) && seen.fault.empty())
          seen.fault = "half of an entry: " + std::to_string(head & 0xff) + ", " + std::to_string(head >> 8);
      }
      seen.heads += heads.size();
      heads.clear();
    } else if (const uint8_t *watched = said.watched) {
      const long word = ptrace(PTRACE_PEEKDATA, child, watched, nullptr);
      if (const auto head = static_cast<uint16_t>(word); may_begin_an_entry(head)) heads.insert(head);
    }
    // Its own fault ends it, in place of coming again and again.
    if (WSTOPSIG(status) == SIGSEGV) signal = SIGSEGV;
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) seen.fault = "it ended with " + std::to_string(status);
  return seen;
}

}  // namespace

TEST(HeadsOfEntries, ComeAndGoByOneStore) {
#if defined(HEAPMETER_SANITIZED)
  GTEST_SKIP() << "a sanitizer's code is not the library's";
#endif
  void *shared = mmap(nullptr, sizeof(Said), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  Said &said = *static_cast<Said *>(shared);
  tracked_heap::begin();
  const pid_t child = fork();
  if (child == 0) {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) _exit(77);
    raise(SIGSTOP);
    Child(said).run(false);  // what the first call of its kind does is long, and not looked at
    Child(said).run(true);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "nothing may be traced here";
  ASSERT_TRUE(WIFSTOPPED(status));
  const Seen seen = step_through(child, said);
  EXPECT_EQ(seen.fault, "");
  EXPECT_GT(seen.instructions, 10'000u);
  EXPECT_GE(seen.heads, 25u) << "entries of all forms";
  munmap(shared, sizeof(Said));
}
