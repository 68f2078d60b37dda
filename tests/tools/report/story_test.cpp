// SPDX-License-Identifier: MIT
#include "report/story.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <sstream>

#include "report/course.h"
#include "report/data.h"
#include "report/records.h"
#include "report/svg.h"
#include "report/text_view.h"
#include "text/table.h"
#include "tools/golden.h"
#include "tools/report/made.h"

using namespace heapmeter::testing;
namespace report = heapmeter::cli::report;

namespace {

report::Story story_of(const std::string &text) {
  record::Recording recording{record::source_of(std::string_view(text))};
  report::Story story = report::story_of(recording);
  story.file = "prod.hm";
  story.file_bytes = text.size();
  return story;
}

const report::Life &life_of(const report::Story &story, std::string_view name) {
  for (const report::Life &life : story.lives) {
    if (life.process.name == name) return life;
  }
  throw std::runtime_error("nobody is called " + std::string(name));
}

class InUtc : public ::testing::Test {
 protected:
  InUtc() {
    setenv("TZ", "UTC", 1);
    tzset();
  }
};
using Report = InUtc;

TEST_F(Report, TellsWhoGrewSinceWhenAndWhoWasKilledForMemory) {
  const report::Story story = story_of(shop().text());
  ASSERT_EQ(story.lives.size(), 19u);
  EXPECT_EQ(story.kills, 1u);
  const auto lives = report::told(story);
  EXPECT_EQ(lives[0].life->process.name, "worker");
  EXPECT_TRUE(report::ended_for_memory(*lives[0].life));
  EXPECT_EQ(lives[0].life->ended_ms, kStartMs + 9'000'000);
  EXPECT_EQ(lives[0].life->kills, 1u);
  EXPECT_EQ(lives[1].life->process.name, "checkout");
  EXPECT_TRUE(lives[1].course.grows());
  // 60,000 bytes a second, from the third hour on.
  EXPECT_NEAR(lives[1].course.bytes_a_second(), 60'000, 6'000);
  EXPECT_NEAR(static_cast<double>(lives[1].course.since_ms - kStartMs), 7'200'000, 400'000);
  for (const report::Told &each : lives) {
    const std::string &name = each.life->process.name;
    EXPECT_EQ(each.course.grows(), name == "checkout" || name == "worker") << name;
    EXPECT_EQ(report::ended_for_memory(*each.life), name == "worker") << name;
  }
}

TEST_F(Report, FindsTheCodeBetweenTheReadingsThatEncloseTheGrowth) {
  const report::Story story = story_of(shop().text());
  const report::Life &life = life_of(story, "checkout");
  const auto course = report::course_of(life);
  const auto code = report::code_of_growth(life, course);
  ASSERT_TRUE(code);
  EXPECT_LE(code->earlier.time * 1000, static_cast<double>(course.since_ms));
  EXPECT_EQ(code->later.time, static_cast<double>(kStartMs) / 1000 + 14'400);
  EXPECT_FALSE(report::code_of_growth(life_of(story, "search"), course));
}

TEST_F(Report, KnowsAPeakBetweenTwoReadings) {
  Made made;
  for (int at = 0; at < 5; ++at) {
    record::Row each = row(0, 1000);
    each.values[record::k_peak_bytes] = at < 3 ? 1000 : 9000;
    made.round(10 * at, {each});
  }
  const report::Story story = story_of(made.text());
  EXPECT_EQ(story.lives[0].most_bytes, 9000u);
  EXPECT_EQ(story.lives[0].most_ms, kStartMs + 30'000);
  EXPECT_EQ(story.lives[0].points[4].most_bytes, 1000u);
}

TEST_F(Report, KnowsWhatWasThinnedOutBeforeAnEnd) {
  Made made;
  for (int at = 0; at < 3; ++at) made.round(10 * at, {row(0, 1000)});
  record::Row end = row(0, 1000);
  end.values[record::k_state] = record::kEnded;
  end.values[record::k_most_live_bytes] = 70'000;
  made.round(30, {end});
  const report::Story story = story_of(made.text());
  EXPECT_EQ(story.lives[0].most_bytes, 70'000u);
  EXPECT_EQ(story.lives[0].most_ms, kStartMs + 30'000);
  EXPECT_EQ(story.lives[0].ended_ms, kStartMs + 30'000);
}

std::string words_of(std::uint64_t (*live)(int)) {
  Made made;
  for (int at = 0; at < 80; ++at) made.round(10 * at, {row(0, live(at))});
  return report::words_of(report::course_of(story_of(made.text()).lives[0]));
}

TEST_F(Report, SaysHowManyWereNotJudged) {
  const auto last_words = [](const Made &made) {
    const report::Story story = story_of(made.text());
    const std::string text = report::text(story, report::told(story), {});
    return text.substr(text.rfind("\n\n") + 2);
  };
  Made few;
  for (int at = 0; at < 5; ++at) few.round(10 * at, {row(0, 1000), row(1, 2000)});
  EXPECT_EQ(last_words(few),
            "Nothing ended for want of memory, no wrong calls. Whether any of them grew is\n"
            "not known: read fewer than 24 times.\n");
  Made some;
  for (int at = 0; at < 40; ++at) {
    std::vector<record::Row> rows = {row(0, 1000)};
    if (at < 3) rows.push_back(row(1, 2000));
    if (at == 3) {
      rows.push_back(row(1, 2000));
      rows.back().values[record::k_state] = record::kEnded;
    }
    if (at > 30) rows.push_back(row(2, 3000));
    some.round(10 * at, rows);
  }
  EXPECT_EQ(last_words(some),
            "None of the 1 that were judged grew, nothing ended for want of memory, no wrong\n"
            "calls. Whether 2 of them grew is not known: read fewer than 24 times; 1 of these\n"
            "ended.\n");
  Made all;
  for (int at = 0; at < 40; ++at) all.round(10 * at, {row(0, 1000)});
  EXPECT_EQ(last_words(all), "Nothing grew, nothing ended for want of memory, no wrong calls.\n");
}

TEST_F(Report, TellsARiseThatIsNoGrowthFromWhatDoesNotRise) {
  EXPECT_EQ(words_of([](int at) -> std::uint64_t { return at < 40 ? 1 << 20 : 3 << 20; }),
            "rose from 1.00 MiB to 3.00 MiB, and no more since");
  EXPECT_EQ(words_of([](int at) -> std::uint64_t { return at % 8 < 4 ? 1 << 20 : 3 << 20; }),
            "up and down, floor flat");
  const std::string filling =
      words_of([](int at) -> std::uint64_t { return (1 << 20) + (at < 45 ? at : 45) * 65536u; });
  EXPECT_TRUE(filling.starts_with("rose from 1.00 MiB to ")) << filling;
}

TEST_F(Report, KeepsOfALongLifeABoundedNumberOfMomentsAndItsSpike) {
  Made made;
  for (int at = 0; at < 50'000; ++at) made.round(at, {row(0, at == 33'333 ? 777'777u : 1000u)});
  const report::Story story = story_of(made.text());
  const auto &points = story.lives[0].points;
  EXPECT_LE(points.size(), 4096u);
  EXPECT_GE(points.size(), 1024u);
  EXPECT_EQ(points.front().time_ms, kStartMs);
  EXPECT_EQ(points.back().time_ms, kStartMs + 49'999'000);
  EXPECT_EQ(story.lives[0].most_bytes, 777'777u);
  EXPECT_EQ(std::max_element(points.begin(), points.end(),
                             [](const auto &a, const auto &b) { return a.most_bytes < b.most_bytes; })
                ->most_bytes,
            777'777u);
  EXPECT_EQ(story.lives[0].readings, 50'000u);
}

TEST_F(Report, TellsWhenNobodyRecorded) {
  Made made;
  for (int at = 0; at < 10; ++at) {
    if (at == 5) made.segment();
    record::Round round{
        kStartMs + 1000 * (at < 5 ? at * 10 : 7200 + at * 10), false, at == 0 || at == 5, 0, {row(0, 1)}};
    made.add({.segment = {}, .round = round, .takings = {}});
  }
  const report::Story story = story_of(made.text());
  ASSERT_EQ(story.gaps.size(), 1u);
  EXPECT_EQ(story.gaps[0].first, kStartMs + 40'000);
  EXPECT_EQ(story.gaps[0].second, kStartMs + 7'250'000);
}

// A process that grows evenly, read every ten seconds, while the clock is as `clock` says.
Made grown(std::int64_t (*clock)(std::int64_t seconds), bool knows_boot = true) {
  Made made;
  for (std::int64_t seconds = 0; seconds < 3600; seconds += 10) {
    const std::int64_t now = clock(seconds);
    record::Round round;
    round.time_ms = kStartMs + 1000 * now;
    if (knows_boot) round.booted_ms = kStartMs + 1000 * (now - seconds) - 50'000 + seconds % 3;
    round.rows = {row(0, kMiB + static_cast<std::uint64_t>(seconds) * 10'000)};
    made.add({.segment = {}, .round = round, .takings = {}});
    if (seconds == 1200) made.segment();
    if (seconds % 600 == 0) made.add({.segment = {}, .round = {}, .takings = {{0, code_at(now, 1)}}});
  }
  return made;
}

// By the clock as it is at last, and as even as they were.
TEST_F(Report, TellsTimesThatGoOnWhereTheClockWasSet) {
  const report::Story even = story_of(grown([](std::int64_t seconds) { return seconds; }).text());
  EXPECT_TRUE(even.clock_sets.empty());
  for (const bool knows_boot : {true, false}) {
    const report::Story story = story_of(
        grown([](std::int64_t seconds) { return seconds < 1800 ? seconds + 7200 : seconds; }, knows_boot)
            .text());
    ASSERT_EQ(story.lives.size(), 1u);
    const auto &points = story.lives[0].points;
    ASSERT_EQ(points.size(), 360u);
    for (std::size_t at = 0; at < points.size(); ++at)
      ASSERT_NEAR(static_cast<double>(points[at].time_ms), static_cast<double>(kStartMs + 10'000 * at), 3)
          << knows_boot;
    const auto course = report::course_of(story.lives[0]);
    EXPECT_TRUE(course.grows());
    EXPECT_NEAR(course.bytes_a_second(), 10'000, 100);
    ASSERT_EQ(story.clock_sets.size(), 1u);
    EXPECT_NEAR(static_cast<double>(story.clock_sets[0].by_ms), -7'200'000, 3);
    EXPECT_NEAR(static_cast<double>(story.clock_sets[0].at_ms), static_cast<double>(kStartMs + 1'800'000), 3);
    EXPECT_NEAR(static_cast<double>(story.until_ms), static_cast<double>(kStartMs + 3'590'000), 3);
    const auto &takings = story.lives[0].takings;
    ASSERT_EQ(takings.size(), 6u);
    for (std::size_t at = 0; at < takings.size(); ++at)
      EXPECT_NEAR(takings[at].time, static_cast<double>(kStartMs) / 1000 + 600.0 * static_cast<double>(at),
                  0.01);
    const std::string text = report::text(story, report::told(story), {});
    EXPECT_NE(text.find("\nThe clock was set back by 2h 00m at 14 Nov 22:43:20: all times here are by the\n"
                        "clock as it was at last.\n"),
              std::string::npos)
        << text;
  }
}

TEST_F(Report, TellsAClockThatWasSetForwardFromAMachineThatSlept) {
  const report::Story set =
      story_of(grown([](std::int64_t seconds) { return seconds < 600 ? seconds : seconds + 86'400; }).text());
  ASSERT_EQ(set.clock_sets.size(), 1u);
  EXPECT_NEAR(static_cast<double>(set.clock_sets[0].by_ms), 86'400'000, 3);
  EXPECT_NEAR(static_cast<double>(set.until_ms - set.from_ms), 3'590'000, 3);
  // Which the time since boot goes on in.
  Made made;
  for (int at = 0; at < 10; ++at) {
    record::Round round;
    round.time_ms = kStartMs + 1000 * (at < 5 ? 10 * at : 7200 + 10 * at);
    round.booted_ms = kStartMs - 5000;
    round.rows = {row(0, 1)};
    made.add({.segment = {}, .round = round, .takings = {}});
  }
  const report::Story slept = story_of(made.text());
  EXPECT_TRUE(slept.clock_sets.empty());
  EXPECT_EQ(slept.until_ms - slept.from_ms, 7'290'000);
}

TEST_F(Report, OfAClockThatIsSetAgainAndAgainKeepsALittle) {
  const report::Story story = story_of(
      grown([](std::int64_t seconds) { return seconds % 20 == 0 ? seconds : seconds + 86'400; }).text());
  EXPECT_EQ(story.times_set, 359u);
  EXPECT_EQ(story.clock_sets.size(), 64u);
  EXPECT_NEAR(static_cast<double>(story.until_ms - story.from_ms), 3'590'000, 3);
  const std::string text = report::text(story, report::told(story), {});
  EXPECT_NE(text.find("The clock was set 359 times, at last forward by 1d 00h at"), std::string::npos)
      << text;
}

TEST_F(Report, IsText) {
  const report::Story story = story_of(shop().text());
  for (const int columns : {80, 120, 200}) {
    for (const bool utf8 : {true, false}) {
      auto lives = report::told(story);
      lives[1].code = {true,
                       static_cast<double>(kStartMs) / 1000 + 3600,
                       static_cast<double>(kStartMs) / 1000 + 14'400,
                       {{412.0 * kMiB, "Cart::add(Item) (cart.cpp:33) ← checkout ← main"}}};
      const std::string picture =
          report::text(story, lives, {columns, utf8, false, heapmeter::cli::Paint(false)});
      expect_golden("report_" + std::string(utf8 ? "" : "ascii_") + std::to_string(columns) + ".txt",
                    picture);
      std::istringstream lines(picture);
      for (std::string line; std::getline(lines, line);)
        EXPECT_LE(heapmeter::cli::display_width(line), static_cast<std::size_t>(columns)) << line;
    }
  }
}

TEST_F(Report, CutsItsCodeWithinNoLetter) {
  const report::Story story = story_of(shop().text());
  auto lives = report::told(story);
  std::string place, cut;
  for (int each = 0; each < 80; ++each) place += "\u2190";
  for (int each = 0; each < 80 - 14 - 1; ++each) cut += "\u2190";
  lives[1].code = {true, 0, 1, {{1.0 * kMiB, place}}};
  const std::string text = report::text(story, lives, {80, true, false, heapmeter::cli::Paint(false)});
  EXPECT_NE(text.find("  " + cut + "~\n"), std::string::npos) << text;
}

// At the right end of its line, which the picture ends behind.
TEST_F(Report, MarksItsPicturesLastMomentWhereItIs) {
  Made made;
  made.round(0, {row(0, 10)});
  made.round(4000, {row(0, 10)});  // to 23:20, of which 23:20 is the last mark
  const report::Story story = story_of(made.text());
  const std::string picture = report::svg(story, report::told(story));
  EXPECT_NE(picture.find("<text text-anchor=\"end\" x=\"980\" y=\"382\">23:20</text>"), std::string::npos)
      << picture;
}

TEST_F(Report, OfNobodySaysSo) {
  Made made;
  made.round(0, {});
  const std::string text = report::text(story_of(made.text()), {}, {});
  EXPECT_NE(text.find("No metered process was there."), std::string::npos) << text;
}

TEST_F(Report, IsALineOfCsvForEveryReading) {
  Made made;
  made.round(0, {row(0, 10), row(1, 20)});
  made.round(10, {row(0, 30, record::kEnded), row(1, 20)});
  record::Recording recording{record::source_of(std::string_view(made.text()))};
  std::string all;
  report::csv(recording, [&](std::string_view line) { all += line; });
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 5);
  EXPECT_EQ(all.find("time,pid,start_time,name,live_bytes,live_blocks,"), 0u) << all;
  EXPECT_NE(all.find("\n1700000010.000,100,7,p0,30,0,"), std::string::npos) << all;
  EXPECT_NE(all.find(",ended,"), std::string::npos) << all;
}

// Just begun, or killed before its first reading.
TEST_F(Report, SaysOfAFileWithoutReadingsThatThereAreNone) {
  report::Story story;
  story.file = "prod.hm";
  const std::string picture = report::svg(story, {});
  EXPECT_NE(picture.find("prod.hm: nothing is recorded in it"), std::string::npos) << picture;
  EXPECT_EQ(picture.find("1970"), std::string::npos) << picture;
  EXPECT_NE(report::page(story, {}).find("nothing is recorded in it"), std::string::npos);
  EXPECT_NE(report::text(story, {}, {}).find("nothing is recorded in it"), std::string::npos);
}

// Whatever names say, nothing in the page or the picture is markup but what is ours.
TEST_F(Report, LetsNoNameBecomeMarkup) {
  const report::Story story = story_of(shop().text());
  const auto lives = report::told(story);
  const std::string page = report::page(story, lives);
  EXPECT_EQ(page.find("</script>\x1b"), std::string::npos);
  EXPECT_EQ(page.find("<img src=x"), std::string::npos);
  EXPECT_NE(page.find("\\u003cimg src=x"), std::string::npos);
  const std::string picture = report::svg(story, lives);
  EXPECT_EQ(picture.find("<img"), std::string::npos);
  EXPECT_EQ(picture.find("</script"), std::string::npos);
  EXPECT_NE(picture.find("checkout (4000)"), std::string::npos);
  EXPECT_NE(picture.find("<polyline"), std::string::npos);
}

}  // namespace
