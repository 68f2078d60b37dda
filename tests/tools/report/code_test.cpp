// SPDX-License-Identifier: MIT
#include "report/code.h"

#include <gtest/gtest.h>

#include "report/data.h"
#include "sites/depths.h"

namespace heapmeter::cli::report {
namespace {

// A stack as deep, and so many others that go on from its end, each of its own.
sites::Profile forked_at_the_end(std::uint64_t first, std::uint32_t depth, std::uint32_t leaves) {
  sites::Profile profile;
  for (std::uint32_t node = 0; node < depth; ++node)
    profile.nodes.push_back({node, sites::kNoModule, 0x1000 + node});
  for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
    profile.nodes.push_back({depth, sites::kNoModule, (first + leaf) << 32});
    profile.sites.push_back({depth + leaf + 1, {}});
    profile.sites.back().values.live_bytes = 100;
  }
  profile.live_bytes = 100 * leaves;
  return profile;
}

Life life_of(std::uint32_t takings, std::uint32_t depth, std::uint32_t leaves) {
  Life life;
  for (std::uint32_t taking = 0; taking < takings; ++taking) {
    life.takings.push_back(forked_at_the_end(1 + taking * leaves, depth, leaves));
    life.takings.back().time = taking;
  }
  return life;
}

// A file of half a megabyte may say that: to name all of it would take a gigabyte.
TEST(CodeOverTime, OfMoreThanThereIsTimeToNameIsLeftOutAndSaysSo) {
  std::uint64_t room = sites::kMostFrames;
  const CodeOverTime few = code_over_time(life_of(2, 10, 3), 7, true, room);
  EXPECT_FALSE(few.too_long);
  EXPECT_EQ(few.times_ms.size(), 2u);
  EXPECT_EQ(room, sites::kMostFrames - 2 * 3 * 11) << "one room for all of a page";
  const CodeOverTime many = code_over_time(life_of(5, 4095, 4096), 7, true, room);
  EXPECT_TRUE(many.too_long);
  EXPECT_TRUE(many.times_ms.empty() && many.names.empty());
  EXPECT_FALSE(code_over_time(life_of(2, 10, 3), 7, true, room).too_long) << "those that follow have theirs";
}

TEST(CodeOverTime, ThatIsNotToldIsSaidOnThePage) {
  Story story;
  for (const std::uint32_t leaves : {4096, 4}) {
    story.lives.push_back(life_of(5, 4095, leaves));
    story.lives.back().points = {{.time_ms = 1000}};
  }
  const auto says = [&](const Life &life) {
    const std::string whole = page(story, {{&life, course_of(life), {}}});
    return whole.find("its call stacks are too long to be named over time") != whole.npos;
  };
  EXPECT_TRUE(says(story.lives[0]));
  EXPECT_FALSE(says(story.lives[1]));
}

}  // namespace
}  // namespace heapmeter::cli::report
