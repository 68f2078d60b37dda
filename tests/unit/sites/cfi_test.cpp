// SPDX-License-Identifier: MIT
#include "sites/cfi.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <link.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "sites/rules.h"

using namespace heapmeter::sites;

namespace {

// Of the C library itself, not of what a sanitizer puts before it.
const void *in_libc() {
  void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
  return libc == nullptr ? nullptr : dlsym(libc, "qsort");
}

// What the loader knows of the object that this address lies in.
dl_find_object object_of(const void *address) {
  dl_find_object found{};
  EXPECT_EQ(_dl_find_object(const_cast<void *>(address), &found), 0);
  return found;
}

class Cfi : public ::testing::Test {
 protected:
  void SetUp() override {
    if (Rule{}.way == rule_at(reinterpret_cast<uintptr_t>(&dlsym)).way) {
      GTEST_SKIP() << "call frame information is not read on this machine";
    }
  }
};

TEST_F(Cfi, SaysAtTheBeginningOfAFunctionThatOnlyTheReturnAddressWasPushed) {
  const Rule rule = rule_at(reinterpret_cast<uintptr_t>(in_libc()));
  EXPECT_EQ(rule.way, Way::kFromSp);
  EXPECT_EQ(rule.offset, 8);
  EXPECT_EQ(rule.saved_bp, 0);
}

TEST_F(Cfi, SaysNothingOfWhatIsNoCode) {
  int variable = 0;
  EXPECT_EQ(rule_at(reinterpret_cast<uintptr_t>(&variable)).way, Way::kNone);
  EXPECT_EQ(rule_at(0).way, Way::kNone);
  EXPECT_EQ(rule_at(UINTPTR_MAX).way, Way::kNone);
}

#if defined(__x86_64__)
extern "C" const char code_that_says_nothing[];
__asm__(".text\ncode_that_says_nothing: nop\nnop\nnop\nret\n");

TEST_F(Cfi, TellsAnObjectsCodeThatSaysNothingFromItsData) {
  static const int data = 1;
  EXPECT_EQ(rule_at(reinterpret_cast<uintptr_t>(code_that_says_nothing) + 1).way, Way::kSilent);
  EXPECT_EQ(rule_at(reinterpret_cast<uintptr_t>(&data)).way, Way::kNone);
  const auto after = reinterpret_cast<uintptr_t>(code_that_says_nothing) + 2;
  the_rules.of(after, the_rules.generation());
  EXPECT_EQ(the_rules.of(after, the_rules.generation()).way(), Way::kSilent) << "remembered";
}
#endif

TEST_F(Cfi, KnowsWhereASignalHandlerReturns) {
  // The C library's restorer: mov $15, %rax; syscall.
  constexpr unsigned char kRestorer[] = {0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05};
  const dl_find_object libc = object_of(in_libc());
  const auto *at = static_cast<const unsigned char *>(libc.dlfo_map_start);
  const auto *header = reinterpret_cast<const ElfW(Ehdr) *>(at);
  const auto *segment = reinterpret_cast<const ElfW(Phdr) *>(at + header->e_phoff);
  bool found = false;
  for (int i = 0; i < header->e_phnum && !found; ++i) {
    if (segment[i].p_type != PT_LOAD || (segment[i].p_flags & PF_X) == 0) continue;
    const unsigned char *text = at + segment[i].p_vaddr;
    const auto *place =
        static_cast<const unsigned char *>(memmem(text, segment[i].p_memsz, kRestorer, sizeof kRestorer));
    found = place != nullptr && rule_at(reinterpret_cast<uintptr_t>(place)).way == Way::kSignal;
  }
  EXPECT_TRUE(found);
}

TEST_F(Cfi, OfEveryAddressOfTheCLibraryIsReadWithoutAFault) {
  const dl_find_object libc = object_of(in_libc());
  const auto low = reinterpret_cast<uintptr_t>(libc.dlfo_map_start);
  const auto high = reinterpret_cast<uintptr_t>(libc.dlfo_map_end);
  size_t told = 0;
  for (uintptr_t pc = low; pc < high; pc += 61) told += rule_at(pc).way == Way::kFromSp ? 1 : 0;
  EXPECT_GT(told, 10'000u);
}

// The table of the C library, with bytes changed by chance, at the end of a page behind which nothing is.
TEST_F(Cfi, ThatIsDamagedIsReadWithinItsBounds) {
  const dl_find_object libc = object_of(in_libc());
  const auto *table = static_cast<const uint8_t *>(libc.dlfo_eh_frame);
  constexpr size_t kKept = 100'000;
  std::vector<uint8_t> copy(table, table + kKept);
  std::mt19937 random(3);
  for (int round = 0; round < 1'000; ++round) {
    std::vector<uint8_t> damaged = copy;
    for (int i = 0; i < 60; ++i) damaged[random() % 64] = static_cast<uint8_t>(random());
    for (int i = 0; i < 3'000; ++i) damaged[random() % kKept] = static_cast<uint8_t>(random());
    if (round % 2 == 0) {
      // A head that is in order leads further in.
      std::copy_n(copy.begin(), 4, damaged.begin());
      const uint32_t count = 1000;
      std::memcpy(damaged.data() + 8, &count, sizeof count);
    }
    const auto pc = reinterpret_cast<uintptr_t>(damaged.data()) + random() % 2'000'000;
    const FrameEntry entry =
        frame_entry_in(damaged.data(), damaged.data(), damaged.data() + damaged.size(), pc);
    rule_of(entry, pc);
  }
}

TEST(PackedRules, GiveBackWhatFitsAndAreOddOtherwise) {
  const auto packed = [](const Rule &rule) { return PackedRule(0, 1, rule).rule(); };
  const Rule from_sp = packed({Way::kFromSp, 131064, -16});
  EXPECT_EQ(from_sp.way, Way::kFromSp);
  EXPECT_EQ(from_sp.offset, 131064);
  EXPECT_EQ(from_sp.saved_bp, -16);
  const Rule at_bp = packed({Way::kAtBp, -8, 0});
  EXPECT_EQ(at_bp.way, Way::kAtBp);
  EXPECT_EQ(at_bp.offset, -8);
  EXPECT_EQ(packed({Way::kFromSp, 131072, -16}).way, Way::kOdd);
  EXPECT_EQ(packed({Way::kFromSp, 12, 0}).way, Way::kOdd);
  EXPECT_EQ(packed({Way::kFromSp, -8, 0}).way, Way::kOdd);
  EXPECT_EQ(packed({Way::kFromSp, 0, 0}).way, Way::kOdd);
  EXPECT_EQ(packed({Way::kFromSp, 16, -24}).way, Way::kOdd) << "below sp is nothing of the caller's";
  EXPECT_EQ(packed({Way::kFromBp, 16, -256}).way, Way::kOdd);
}

}  // namespace
