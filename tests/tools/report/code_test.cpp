// SPDX-License-Identifier: MIT
#include "report/code.h"

#include <gtest/gtest.h>
#include <time.h>

#include "report/data.h"

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
  life.points = {{.time_ms = 1000}};  // none is without
  for (std::uint32_t taking = 0; taking < takings; ++taking) {
    life.takings.push_back(forked_at_the_end(1 + taking * leaves, depth, leaves));
    life.takings.back().time = taking;
  }
  return life;
}

// A file of half a megabyte may say that: to name all of it would take a gigabyte.
TEST(CodeOverTime, OfMoreThanThereIsTimeToNameIsLeftOutAndSaysSo) {
  std::uint64_t room = kMostFramesNamed;
  const CodeOverTime few = code_over_time(life_of(2, 10, 3), 7, true, room);
  EXPECT_FALSE(few.too_long);
  EXPECT_EQ(few.times_ms.size(), 2u);
  EXPECT_EQ(room, kMostFramesNamed - 2 * 3 * 11) << "one room for all of a page";
  const CodeOverTime many = code_over_time(life_of(5, 4095, 4096), 7, true, room);
  EXPECT_TRUE(many.too_long);
  EXPECT_TRUE(many.times_ms.empty() && many.names.empty());
  EXPECT_FALSE(code_over_time(life_of(2, 10, 3), 7, true, room).too_long) << "those that follow have theirs";
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// As much as is told takes no more time than any other page: a recording of a stranger may have no more of
// it, in however many processes.
TEST(CodeOverTime, AsLongAsItMayBeTakesFewSeconds) {
  const Life longest = life_of(1, 2040, 4096);  // frames: 8.36 of 8.39 million
  std::uint64_t room = kMostFramesNamed;
  const double began = cpu_seconds();
  EXPECT_FALSE(code_over_time(longest, 7, true, room).too_long);
  EXPECT_TRUE(code_over_time(longest, 7, true, room).too_long) << "the next has what is left";
  EXPECT_LT(cpu_seconds() - began, 5);
}

TEST(NamedCode, OfMoreThanThereIsTimeToNameIsLeftOutAndSaysSo) {
  const Life longest = life_of(1, 2040, 4096), other = life_of(2, 10, 3);
  std::uint64_t room = kMostFramesNamed;
  const CodeOfLife first = named_code(longest, course_of(longest), true, room);
  EXPECT_FALSE(first.too_long);
  EXPECT_FALSE(first.lines.empty());
  CodeOfLife second = named_code(longest, course_of(longest), true, room);
  EXPECT_TRUE(second.too_long && second.lines.empty());
  EXPECT_FALSE(named_code(other, course_of(other), true, room).too_long) << "those that follow have theirs";
  Story story;
  story.lives.push_back(longest);
  const std::vector<Told> lives = {{&story.lives.front(), course_of(story.lives.front()), std::move(second)}};
  EXPECT_NE(text(story, lives, {}).find(" by code: its call stacks are too long to be named\n"),
            std::string::npos)
      << text(story, lives, {});
}

TEST(CodeOverTime, ThatIsNotToldIsSaidOnThePage) {
  Story story;
  for (const std::uint32_t leaves : {4096, 4}) story.lives.push_back(life_of(5, 4095, leaves));
  const auto says = [&](const Life &life) {
    const std::string whole = page(story, {{&life, course_of(life), {}}});
    return whole.find("its call stacks are too long to be named over time") != whole.npos;
  };
  EXPECT_TRUE(says(story.lives[0]));
  EXPECT_FALSE(says(story.lives[1]));
}

}  // namespace
}  // namespace heapmeter::cli::report
