// SPDX-License-Identifier: MIT
#include "service/pages.h"
#include "service/pages/exit_report.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include <heapmeter/heapmeter.h>

#include "books/ledger.h"

using heapmeter::TextBuffer;
namespace pages = heapmeter::pages;

namespace {

std::string written(const std::string &path) {
  std::vector<char> memory(1 << 20);
  TextBuffer out(memory.data(), memory.size());
  const pages::Page *page = pages::find(path.data(), path.size());
  if (page == nullptr) return "";
  page->write(out);
  return {out.data(), out.size()};
}

}  // namespace

TEST(Pages, OnlyWholePathsAreKnown) {
  EXPECT_EQ(pages::find("/v1/snap", 8), nullptr);
  EXPECT_EQ(pages::find("/v1/snapshot/", 13), nullptr);
  EXPECT_EQ(pages::find("", 0), nullptr);
}

TEST(Pages, SnapshotNamesEveryCounterOnce) {
  const std::string json = written("/v1/snapshot");
#define HEAPMETER_COUNTER(type, name, unit, help)                               \
  {                                                                             \
    const auto at = json.find("\"" #name "\":");                                \
    EXPECT_NE(at, std::string::npos) << #name;                                  \
    EXPECT_EQ(json.find("\"" #name "\":", at + 1), std::string::npos) << #name; \
  }
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
}

TEST(Pages, ReportEndsWellWithoutTheThreadsItHasNoRoomFor) {
  std::vector<char> memory(1 << 20);
  TextBuffer whole(memory.data(), memory.size());
  pages::write_report(whole, 0);
  const std::string all(whole.data(), whole.size());
  ASSERT_FALSE(whole.overflowed());
  EXPECT_NE(all.find("\"pages\":{\"sizes\":{\"classes\":["), std::string::npos);
  const std::size_t threads = all.find(",\"threads\":{\"threads\":[");
  ASSERT_NE(threads, std::string::npos);
  // Numbers get longer from one to the next.
  for (std::size_t room = threads + 64; room < all.size() - 8; ++room) {
    TextBuffer small(memory.data(), room);
    pages::write_report(small, 0);
    const std::string text(small.data(), small.size());
    ASSERT_FALSE(small.overflowed()) << room;
    ASSERT_TRUE(text.ends_with("]}}}")) << room << ": " << text;
    ASSERT_EQ(std::count(text.begin(), text.end(), '{'), std::count(text.begin(), text.end(), '}')) << text;
    ASSERT_EQ(text.find("\"threads\":{"), std::string::npos) << room;
  }
}

TEST(Pages, MetricsFollowOpenMetrics) {
  const std::string text = written("/metrics");
  EXPECT_TRUE(text.ends_with("# EOF\n"));
#define HEAPMETER_COUNTER(type, name, unit, help) \
  EXPECT_NE(text.find("# TYPE heapmeter_" #name " " #type "\n"), std::string::npos) << #name;
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  EXPECT_NE(text.find("\nheapmeter_allocations_total "), std::string::npos);
  EXPECT_NE(text.find("\nheapmeter_live_bytes "), std::string::npos);
  EXPECT_NE(text.find("\nheapmeter_allocations_by_kind_total{kind=\"new_array\"} "), std::string::npos);
}

namespace {

bool says_of_its_ledger(const std::string &what) {
  return written("/v1/snapshot").find("\"ledger\":\"" + what + "\"") != std::string::npos;
}

// The number of what is not so, or 0.
int fill_the_ledger() {
  using heapmeter::the_ledger;
  if (!says_of_its_ledger("chunks")) return 1;
  the_ledger.use_pieces();
  if (!says_of_its_ledger("pieces")) return 2;
  constexpr uintptr_t kPiece = uintptr_t{4} << 20, kFrom = uintptr_t{600} << 30;
  for (uintptr_t i = 0; i < 40'000 && !the_ledger.is_full(); ++i) {
    if (!the_ledger.born(reinterpret_cast<const void *>(kFrom + i * kPiece))) return 3;
  }
  return says_of_its_ledger("full") ? 0 : 4;
}

}  // namespace

// In a process of its own: what it notes stays.
TEST(PagesOfAFullLedger, SnapshotSaysSo) {
  EXPECT_EXIT(_exit(fill_the_ledger()), ::testing::ExitedWithCode(0), "");
  EXPECT_TRUE(says_of_its_ledger("chunks"));
}
