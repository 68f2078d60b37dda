// SPDX-License-Identifier: MIT
// A GoogleTest program as its user would write it: each test ends with a look for what it lost. Not linked
// with the library: run metered or not.
#include <gtest/gtest.h>
#include <heapmeter/heapmeter.hpp>

#include <memory>
#include <vector>

namespace {

struct Session {
  explicit Session(Session *before) : previous(before) {}
  Session *previous;
  char name[100] = {};
};

class Sessions : public ::testing::Test {
 protected:
  // What a test left on the stack may look like a pointer: that is written over, and the look is taken from a
  // function of its own, whose variables lie there then.
  void TearDown() override {
    scrub();
    expect_nothing_lost();
  }

 private:
  __attribute__((noinline)) static void scrub() {
    volatile char room[16384];
    for (volatile char &byte : room) byte = 0;
  }
  __attribute__((noinline)) static void expect_nothing_lost() {
    const auto look = heapmeter::look_for_leaks();
    ASSERT_TRUE(look) << look.error();
    EXPECT_EQ(look->lost_blocks + look->perhaps_blocks, 0u)
        << look->lost_bytes << " bytes, perhaps " << look->perhaps_bytes << " more";
  }
};

TEST_F(Sessions, AreAllGivenBack) {
  std::vector<std::unique_ptr<Session>> all;
  for (int i = 0; i < 10; ++i) all.push_back(std::make_unique<Session>(nullptr));
  EXPECT_EQ(all.size(), 10u);
}

TEST_F(Sessions, AreHeldByAStatic) {
  static std::vector<std::unique_ptr<Session>> kept;
  for (int i = 0; i < 10; ++i) kept.push_back(std::make_unique<Session>(nullptr));
  EXPECT_EQ(kept.size(), 10u);
}

__attribute__((noinline)) void lose(int count) {
  Session *last = nullptr;
  for (int i = 0; i < count; ++i) last = new Session(last);
  asm volatile("" : : "r"(last) : "memory");
}

TEST_F(Sessions, AreForgotten) { lose(10); }

}  // namespace
