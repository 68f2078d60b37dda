// SPDX-License-Identifier: MIT
//
// What the image has not got, or shares with the process, is looked at before and after the image was made:
// the program goes on meanwhile, and moves pointers and takes memory away as it likes.
#include <sys/mman.h>
#include <sys/sysinfo.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "looks.h"

using namespace heapmeter;
using leaks::Look;

namespace {

constexpr size_t kArea = 64 << 10, kBytes = 2008;

// Memory of the program's that holds one pointer.
class Holder {
 public:
  enum class Kind { kHidden, kShared };

  explicit Holder(Kind kind) noexcept {
    const int sharing = kind == Kind::kShared ? MAP_SHARED : MAP_PRIVATE;
    words_ =
        static_cast<void **>(mmap(nullptr, kArea, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0));
    if (kind == Kind::kHidden) madvise(words_, kArea, MADV_DONTFORK);
  }
  ~Holder() { go(); }
  Holder(const Holder &) = delete;
  Holder &operator=(const Holder &) = delete;

  void hold(void *block) noexcept { words_[1700] = block; }
  void *take() noexcept { return std::exchange(words_[1700], nullptr); }
  void go() noexcept {
    if (words_ != nullptr) munmap(words_, kArea);
    words_ = nullptr;
  }

 private:
  void **words_;
};

// Where nothing looks: the test's own knowledge.
volatile uintptr_t inverted;
HEAPMETER_NOINLINE void note(void *block) { inverted = ~reinterpret_cast<uintptr_t>(block); }
HEAPMETER_NOINLINE void *noted() { return reinterpret_cast<void *>(~inverted); }

void *kept_by_the_program;

class Meanwhile : public Looks {
 protected:
  HEAPMETER_NOINLINE void hold_one(Holder &holder) {
    note(block(kBytes));
    holder.hold(noted());
  }
  const char *begin() { return look_.begin(HEAPMETER_STACK_POINTER(), {nullptr, no_site}, kPatienceMs); }
  // Until so many images were made; whether they were.
  bool go_on_until(uint32_t tries) {
    while (look_.tries() < tries) {
      if (!step()) return false;
    }
    return true;
  }
  // What is new is looked at some times; so it is new each time. Whether there was an image.
  bool move_until_next_image(std::unique_ptr<Holder> &holder) {
    for (const uint32_t tries = look_.tries(); look_.tries() == tries;) {
      auto next = std::make_unique<Holder>(Holder::Kind::kHidden);
      next->hold(holder->take());
      holder = std::move(next);
      if (!step()) return false;
    }
    return true;
  }
  const char *end() {
    while (look_.under_way()) step();
    return failure_;
  }
  void TearDown() override {
    kept_by_the_program = nullptr;
    Looks::TearDown();
  }

 private:
  bool step() {
    const Look::Step one = look_.step();
    failure_ = one.failure;
    return !one.ended;
  }

  const char *failure_ = nullptr;
};

// The first image tells what is hidden.
constexpr uint32_t kFirstToCount = 2;

TEST_F(Meanwhile, APointerMayLeaveHiddenMemoryThatGoes) {
  Holder holder(Holder::Kind::kHidden);
  hold_one(holder);
  scrub();
  ASSERT_EQ(begin(), nullptr);
  EXPECT_TRUE(go_on_until(kFirstToCount));
  kept_by_the_program = holder.take();
  holder.go();
  ASSERT_EQ(end(), nullptr);
  EXPECT_EQ(found(kBytes).blocks, 0u);
  release(noted());
}

TEST_F(Meanwhile, APointerMayLeaveSharedMemory) {
  Holder holder(Holder::Kind::kShared);
  hold_one(holder);
  scrub();
  ASSERT_EQ(begin(), nullptr);
  kept_by_the_program = holder.take();
  ASSERT_EQ(end(), nullptr);
  EXPECT_EQ(found(kBytes).blocks, 0u);
  release(noted());
}

// What was mapped just before the image was made: it may be gone before anybody looked there.
TEST_F(Meanwhile, HiddenMemoryThatNobodySawVoidsTheImage) {
  auto holder = std::make_unique<Holder>(Holder::Kind::kHidden);
  hold_one(*holder);
  scrub();
  ASSERT_EQ(begin(), nullptr);
  EXPECT_TRUE(move_until_next_image(holder));
  kept_by_the_program = holder->take();
  holder->go();
  ASSERT_EQ(end(), nullptr);
  EXPECT_GE(look_.tries(), kFirstToCount + 1);
  EXPECT_EQ(found(kBytes).blocks, 0u);
  release(noted());
}

TEST_F(Meanwhile, HiddenMemoryThatIsNewEachTimeIsToldOf) {
  auto holder = std::make_unique<Holder>(Holder::Kind::kHidden);
  ASSERT_EQ(begin(), nullptr);
  while (move_until_next_image(holder)) {
  }
  const char *failure = end();
  ASSERT_NE(failure, nullptr);
  EXPECT_NE(std::string(failure).find("MADV_DONTFORK"), std::string::npos) << failure;
  EXPECT_GE(look_.tries(), 8u);
}

// What nothing held when the image was made, and is released later all the same, was held where nobody looks:
// and so may have been all that hangs together with it.
HEAPMETER_NOINLINE uintptr_t lose_pair(size_t bytes) {
  auto **first = static_cast<void **>(block(bytes));
  *first = block(bytes);
  return ~reinterpret_cast<uintptr_t>(first);
}

TEST_F(Meanwhile, WhatIsReleasedWasHeldWithAllThatHangsOnIt) {
  inverted = lose_pair(kBytes + 400);
  lose_pair(kBytes);
  lose_pair(kBytes + 1000);
  scrub();
  ASSERT_EQ(begin(), nullptr);
  void **first = static_cast<void **>(noted());
  kept_by_the_program = *first;
  release(first);
  ASSERT_EQ(end(), nullptr);
  EXPECT_EQ(found(kBytes + 400).blocks, 0u);
  EXPECT_EQ(found(kBytes).blocks, 2u);
  EXPECT_EQ(found(kBytes + 1000).blocks, 2u);
  release(kept_by_the_program);
}

// Of memory that is shared there is one: who reads in the image what was never written has it made in the
// process.
TEST_F(Meanwhile, SharedMemoryThatWasNeverWrittenStaysSo) {
  struct sysinfo info = {};
  ASSERT_EQ(sysinfo(&info), 0);
  if (info.totalswap != info.freeswap) GTEST_SKIP() << "something is swapped out: all is read";
  constexpr size_t kPages = 4096;
  const size_t page_bytes = sys::page_bytes();
  auto *memory = static_cast<char *>(mmap(nullptr, kPages * page_bytes, PROT_READ | PROT_WRITE,
                                          MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  memory[7 * page_bytes] = 1;
  EXPECT_EQ(lost(kBytes).blocks, 0u);
  std::vector<unsigned char> resident(kPages);
  ASSERT_EQ(mincore(memory, kPages * page_bytes, resident.data()), 0);
  EXPECT_EQ(
      std::count_if(resident.begin(), resident.end(), [](unsigned char page) { return (page & 1u) != 0; }),
      1);
  munmap(memory, kPages * page_bytes);
}

}  // namespace
