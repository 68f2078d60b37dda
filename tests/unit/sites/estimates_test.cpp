// SPDX-License-Identifier: MIT
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <random>
#include <string>

#include "books/sampling.h"

#include "sites_fixture.h"

using namespace heapmeter;
using namespace heapmeter::testing;

TEST(Sites, TheIntervalOfSamplesHoldsAsOftenAsItSays) {
  constexpr int kRuns = 1000;
  constexpr size_t kBlocks = 3000, kMean = 4096;
  SitesFixture f;
  f.sites->set(Mode::kOff);
  f.sites->set_mean(kMean);
  Slot &slot = f.new_slot();
  int held = 0;
  for (int run = 0; run < kRuns; ++run) {
    ASSERT_TRUE(f.sites->clear());
    f.sites->set(Mode::kSampled);
    f.sites->seed(static_cast<uint64_t>(run) * 1'000'003);
    sampling::set(slot, 0);
    std::minstd_rand random(static_cast<unsigned>(run + 1));
    double truth = 0;
    std::vector<size_t> sizes(kBlocks);
    for (size_t i = 0; i < kBlocks; ++i) {
      const size_t size = sizes[i] = 1 + random() % (random() % 50 == 0 ? 20'000 : 400);
      if (sampling::take(slot, size) && f.sites->falls(slot, size)) {
        f.sites->born_sampled(slot, {block_at(i), size, 0, Family::kMalloc, false}, false,
                              called_from(random() % 20));
      }
      truth += static_cast<double>(size);
    }
    for (size_t i = 0; i < kBlocks; i += 3) {
      Sample sample;
      f.sites->released(block_at(i), sample);
      truth -= static_cast<double>(sizes[i]);
    }
    std::vector<Sites::Estimate> by_site(f.sites->table().sites());
    f.sites->estimate(by_site.data(), f.sites->table().sites());
    double bytes = 0, variance = 0;
    for (const Sites::Estimate &site : by_site) {
      bytes += static_cast<double>(site.bytes);
      variance += static_cast<double>(site.variance);
    }
    held += std::abs(bytes - truth) <= 1.96 * std::sqrt(variance);
    for (size_t i = 0; i < kBlocks; ++i) {
      Sample sample;
      f.sites->released(block_at(i), sample);
    }
    f.sites->set(Mode::kOff);
  }
  EXPECT_GE(held, 930);
  EXPECT_LE(held, 970);
}

// Else all workers of a server would take their samples from the same calls.
TEST(Sites, ForkedChildrenSampleOtherBlocksThanEachOther) {
  constexpr size_t kBlocks = 1000, kMean = 4096, kSize = 400;
  SitesFixture f;
  f.sites->set(Mode::kOff);
  f.sites->set_mean(kMean);
  f.sites->set(Mode::kSampled);
  f.sites->seed(7);
  Slot &slot = f.new_slot();
  sampling::set(slot, 0);
  const auto sampled_by_a_child = [&] {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      f.sites->in_child(&slot);
      char fell[kBlocks];
      for (char &each : fell) each = sampling::take(slot, kSize) && f.sites->falls(slot, kSize) ? '1' : '0';
      _exit(write(ends[1], fell, sizeof fell) == sizeof fell ? 0 : 1);
    }
    close(ends[1]);
    std::string fell(kBlocks, '?');
    EXPECT_EQ(read(ends[0], fell.data(), kBlocks), static_cast<ssize_t>(kBlocks));
    close(ends[0]);
    waitpid(child, nullptr, 0);
    return fell;
  };
  const std::string one = sampled_by_a_child(), other = sampled_by_a_child();
  EXPECT_NE(one.find('1'), std::string::npos);
  EXPECT_NE(one, other);
}
