// SPDX-License-Identifier: MIT
#include "leaks/roots.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "base/sys.h"

using namespace heapmeter;
using namespace heapmeter::leaks;

namespace {

// Memory that can be written and executed, above a guard, as the list has it.
class Executable : public ::testing::Test {
 protected:
  void SetUp() override {
    void *const all = mmap(nullptr, (1 + kPages) * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(all, MAP_FAILED);
    start_ = reinterpret_cast<uintptr_t>(all) + page_;
    ASSERT_EQ(mprotect(reinterpret_cast<void *>(start_), kPages * page_, PROT_READ | PROT_WRITE), 0);
  }
  void TearDown() override {
    munmap(reinterpret_cast<void *>(start_ - page_), (1 + kPages) * page_);
    space_.forget();
  }
  // At no word's beginning.
  void put_address_in(size_t page) {
    constexpr uint64_t kAddress = 0x3457'c02f'0020;
    memcpy(reinterpret_cast<char *>(start_ + page * page_) + 9, &kAddress, sizeof kAddress);
  }
  // As a stack of a thread ends, also of one that has ended.
  void end_stack_with(size_t page) {
    constexpr uintptr_t kDescriptor = 0x940;
    const uintptr_t descriptor = start_ + (page + 1) * page_ - kDescriptor;
    const uintptr_t words[] = {descriptor, start_, descriptor};
    memcpy(reinterpret_cast<void *>(descriptor), words, sizeof words);
  }
  void list(const char *main_stack, bool guarded) {
    std::string path = ::testing::TempDir() + "roots_test.XXXXXX";
    const int file = mkstemp(path.data());
    ASSERT_GE(file, 0);
    close(file);
    std::ofstream out(path);
    char line[128];
    if (guarded) {
      snprintf(line, sizeof line, "%lx-%lx ---p 00000000 00:00 0\n", start_ - page_, start_);
      out << line;
    }
    snprintf(line, sizeof line, "%lx-%lx rwxp 00000000 00:00 0\n", start_, start_ + kPages * page_);
    out << line << "7ffffff00000-7ffffff00000 " << main_stack << " 00000000 00:00 0 [stack]\n";
    out.close();
    ASSERT_TRUE(space_.read(path.c_str()));
    remove(path.c_str());
  }
  // Whether an address is seen there that stands at no word's beginning.
  bool seen_at_any_byte() {
    const Areas none;
    Roots roots(space_, none, {nullptr, 0, nullptr, 0, 0});
    Memory memory;
    bool seen = false;
    roots.words(memory, [&](const uint64_t *, size_t, uintptr_t at) { seen |= at % sizeof(uint64_t) != 0; });
    return seen;
  }

  static constexpr size_t kPages = 3;
  const size_t page_ = sys::page_bytes();
  uintptr_t start_ = 0;
  AddressSpace space_;
};

TEST_F(Executable, MemoryIsCode) {
  put_address_in(0);
  list("rw-p", true);
  EXPECT_TRUE(seen_at_any_byte());
}

TEST_F(Executable, AboveAGuardItIsCodeStillWhereStacksMayBeExecuted) {
  put_address_in(0);
  list("rwxp", true);
  EXPECT_TRUE(seen_at_any_byte());
}

TEST_F(Executable, AThreadsStackIsNone) {
  put_address_in(0);
  put_address_in(1);
  end_stack_with(1);
  list("rwxp", true);
  EXPECT_FALSE(seen_at_any_byte());
}

TEST_F(Executable, WhatLiesAboveAStackIsCodeStill) {
  end_stack_with(1);
  put_address_in(2);
  list("rwxp", true);
  EXPECT_TRUE(seen_at_any_byte());
}

TEST_F(Executable, WithoutAGuardItIsCodeStill) {
  put_address_in(0);
  end_stack_with(1);
  list("rwxp", false);
  EXPECT_TRUE(seen_at_any_byte());
}

// As a list does that is empty.
TEST_F(Executable, WhatPointsAtItselfAloneEndsNoStack) {
  put_address_in(0);
  const uintptr_t list_head[] = {start_ + page_, start_ + page_, start_ + page_};
  memcpy(reinterpret_cast<void *>(start_ + page_), list_head, sizeof list_head);
  list("rwxp", true);
  EXPECT_TRUE(seen_at_any_byte());
}

}  // namespace
