// SPDX-License-Identifier: MIT
//
// A program that reads its own sites, as its user would write it: each test is right or is not with what the
// process was started with.
#include <gtest/gtest.h>
#include <heapmeter/heapmeter.hpp>

#include <errno.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t kBlocks = 1000, kBytes = 1000;
void *blocks[kBlocks];
const void *in_keeper = nullptr;

[[gnu::noinline]] void *allocate() {
  in_keeper = __builtin_return_address(0);
  void *block = std::malloc(kBytes);
  std::memset(block, 1, kBytes);
  return block;
}
[[gnu::noinline]] void keep_many() {
  const heapmeter::Tag tag("keeper");
  for (void *&block : blocks) block = allocate();
}
void release_all() {
  for (void *&block : blocks) std::free(std::exchange(block, nullptr));
}

bool has(const heapmeter::Site &site, const void *returns_to) {
  return std::any_of(site.frames, site.frames + site.frame_count,
                     [&](const heapmeter_frame &frame) { return frame.returns_to == returns_to; });
}
bool is_tagged(const heapmeter::Site &site, const std::string &name) {
  return std::any_of(site.frames, site.frames + site.frame_count, [&](const heapmeter_frame &frame) {
    return frame.mark != nullptr && frame.mark == name;
  });
}

TEST(NoSitesYet, IsNoFailure) {
  keep_many();
  std::size_t found = 0;
  EXPECT_TRUE(heapmeter::for_each_site([&](const heapmeter::Site &) { ++found; }));
  EXPECT_EQ(found, 0u);
  release_all();
}

TEST(OwnSites, TellWhoKeepsWhat) {
  keep_many();
  heapmeter_site kept{};
  std::size_t found = 0;
  ASSERT_TRUE(heapmeter::for_each_site([&](const heapmeter::Site &site) {
    if (!has(site, in_keeper)) return;
    ++found;
    kept = site;
    EXPECT_TRUE(is_tagged(site, "keeper"));
    EXPECT_NE(site.frames[0].module, nullptr);
    EXPECT_NE(site.frames[0].offset, 0u);
  }));
  EXPECT_EQ(found, 1u);
  EXPECT_EQ(kept.size, sizeof kept);
  EXPECT_EQ(kept.live_blocks, kBlocks);
  EXPECT_EQ(kept.live_bytes, kBlocks * kBytes);
  EXPECT_EQ(kept.allocations, kBlocks);
  EXPECT_EQ(kept.variance_bytes, 0u);
  EXPECT_GE(kept.peak_bytes, kBlocks * kBytes);
  release_all();
  ASSERT_TRUE(heapmeter::for_each_site([&](const heapmeter::Site &site) {
    if (has(site, in_keeper)) kept = site;
  }));
  EXPECT_EQ(kept.live_blocks, 0u);
  EXPECT_EQ(kept.allocated_bytes, kBlocks * kBytes);
  EXPECT_GE(kept.peak_bytes, kBlocks * kBytes);
}

TEST(OwnSites, AddUpToTheProcess) {
  std::uint64_t blocks_of_all = 0, bytes_of_all = 0;
  const auto before = heapmeter::process();
  ASSERT_TRUE(heapmeter::for_each_site([&](const heapmeter::Site &site) {
    blocks_of_all += site.live_blocks;
    bytes_of_all += site.live_bytes;
  }));
  EXPECT_EQ(blocks_of_all, before->live_blocks);
  EXPECT_EQ(bytes_of_all, before->live_bytes);
}

TEST(OwnSites, AreVisitedUntilOneIsEnoughAndWhateverTheVisitorAllocates) {
  const auto count = [](const heapmeter_site *, void *context) {
    auto &seen = *static_cast<std::vector<std::string> *>(context);
    seen.push_back("a site that was seen " + std::to_string(seen.size()));
    return seen.size() == 3 ? 1 : 0;
  };
  std::vector<std::string> seen;
  EXPECT_EQ(heapmeter::detail::sites(count, &seen), 0);
  EXPECT_EQ(seen.size(), 3u);
  EXPECT_EQ(heapmeter::detail::sites(nullptr, &seen), EINVAL);
}

TEST(OwnSites, AreReadByManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int turn = 0; turn < 50; ++turn) {
        std::string text(static_cast<std::size_t>(100 + turn), 'a');
        EXPECT_TRUE(heapmeter::for_each_site([](const heapmeter::Site &) {}));
      }
    });
  }
  for (auto &thread : threads) thread.join();
}

TEST(SampledSites, AreEstimates) {
  keep_many();
  double live = 0, variance = 0, samples = 0;
  ASSERT_TRUE(heapmeter::for_each_site([&](const heapmeter::Site &site) {
    live += static_cast<double>(site.live_bytes);
    variance += static_cast<double>(site.variance_bytes);
    samples += static_cast<double>(site.live_samples);
  }));
  EXPECT_GT(samples, 100);
  EXPECT_GT(variance, 0);
  EXPECT_NEAR(live, static_cast<double>(heapmeter::process()->live_bytes), 6 * std::sqrt(variance));
  release_all();
}

TEST(NoSites, AreSaidToBeNone) {
  EXPECT_FALSE(heapmeter::for_each_site([](const heapmeter::Site &) { ADD_FAILURE(); }));
}

}  // namespace
