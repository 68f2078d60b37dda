// SPDX-License-Identifier: MIT
#include "leaks/code_words.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

using heapmeter::leaks::CodeWords;

namespace {

constexpr uint64_t kAddress = 0x0000'3457'c02f'0020;
constexpr uintptr_t kAt = 0x10000;

// Some runs of it, one behind the other: where the address was seen.
std::set<uintptr_t> seen(const std::array<uint64_t, 4> &code, size_t first_run) {
  std::set<uintptr_t> at;
  CodeWords words;
  const auto each = [&](const uint64_t *word, size_t count, uintptr_t where) {
    EXPECT_EQ(count, 1u);
    if (*word == kAddress) at.insert(where);
  };
  words.take(code.data(), first_run, kAt, each);
  words.take(code.data() + first_run, code.size() - first_run, kAt + first_run * 8, each);
  return at;
}

TEST(CodeWords, AreSeenAtEveryByteAcrossRunsToo) {
  for (size_t byte = 1; byte < 24; ++byte) {
    std::array<uint64_t, 4> code = {};
    memset(code.data(), 0xcc, sizeof code);
    memcpy(reinterpret_cast<char *>(code.data()) + byte, &kAddress, sizeof kAddress);
    const std::set<uintptr_t> where = byte % 8 == 0 ? std::set<uintptr_t>{} : std::set<uintptr_t>{kAt + byte};
    for (size_t run = 0; run <= 4; ++run) EXPECT_EQ(seen(code, run), where) << byte << " in runs of " << run;
  }
}

TEST(CodeWords, AreNoneAcrossAGap) {
  CodeWords words;
  const uint64_t low = kAddress << 32, high = kAddress >> 32;
  const auto each = [&](const uint64_t *word, size_t, uintptr_t) { EXPECT_NE(*word, kAddress); };
  words.take(&low, 1, kAt, each);
  words.take(&high, 1, kAt + 16, each);
}

}  // namespace
