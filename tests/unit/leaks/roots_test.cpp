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
    void *const both = mmap(nullptr, 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(both, MAP_FAILED);
    start_ = reinterpret_cast<uintptr_t>(both) + page_;
    ASSERT_EQ(mprotect(reinterpret_cast<void *>(start_), page_, PROT_READ | PROT_WRITE), 0);
    constexpr uint64_t kAddress = 0x3457'c02f'0020;
    memcpy(reinterpret_cast<char *>(start_) + 9, &kAddress, sizeof kAddress);
  }
  void TearDown() override {
    munmap(reinterpret_cast<void *>(start_ - page_), 2 * page_);
    space_.forget();
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
    snprintf(line, sizeof line, "%lx-%lx rwxp 00000000 00:00 0\n", start_, start_ + page_);
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

  const size_t page_ = sys::page_bytes();
  uintptr_t start_ = 0;
  AddressSpace space_;
};

TEST_F(Executable, MemoryIsCode) {
  list("rw-p", true);
  EXPECT_TRUE(seen_at_any_byte());
}

TEST_F(Executable, AsTheMainThreadsStackIsAThreadsStackIsNone) {
  list("rwxp", true);
  EXPECT_FALSE(seen_at_any_byte());
}

TEST_F(Executable, WithoutAGuardItIsCodeStill) {
  list("rwxp", false);
  EXPECT_TRUE(seen_at_any_byte());
}

}  // namespace
