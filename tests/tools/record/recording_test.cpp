// SPDX-License-Identifier: MIT
#include "record/recording.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <random>

#include <protozero/pbf_builder.hpp>

#include "record/tags.h"
#include "text/user_error.h"
#include "tools/record/recordings.h"

using namespace heapmeter::testing;
using heapmeter::cli::UserError;

namespace {

record::Values any_values(std::mt19937_64 &random) {
  record::Values values = {};
  for (unsigned column = 0; column < record::kColumns; ++column) {
    if (random() % 3 != 0) values[column] = random() >> random() % 64;
  }
  values[record::k_state] = random() % record::kStates;
  values[record::k_limit_kind] = random() % record::kLimitKinds;
  // Those are kept in KiB.
  for (const auto column : {record::k_rss_bytes, record::k_meter_bytes, record::k_heap_bytes,
                            record::k_limit_used_bytes, record::k_limit_bytes})
    values[column] = values[column] >> 10 << 10;
  return values;
}

TEST(Recording, GivesBackEveryFigure) {
  std::mt19937_64 random(1);
  Made made;
  std::vector<std::vector<record::Row>> rounds;
  for (int round = 0; round < 300; ++round) {
    if (round % 100 == 99) made.segment();
    std::vector<record::Row> rows;
    for (std::uint32_t process = 0; process < 20; ++process) {
      if (random() % 4 != 0) rows.push_back({process, any_values(random)});
    }
    made.round(round * 10 - (round == 50 ? 3600 : 0), rows, round % 7 == 0);
    rounds.push_back(rows);
  }
  const Read read = read_all(made.text());
  ASSERT_EQ(read.frames.size(), rounds.size());
  EXPECT_EQ(read.torn + read.damaged, 0u);
  EXPECT_EQ(read.processes.size(), 20u);
  for (std::size_t at = 0; at < rounds.size(); ++at) {
    const record::Round &round = *read.frames[at].round;
    EXPECT_EQ(round.urgent, at % 7 == 0);
    EXPECT_EQ(round.time_ms, kStartMs + 10'000 * static_cast<int>(at) - (at == 50 ? 3'600'000 : 0));
    std::map<std::string, record::Values> now;
    for (const record::Row &row : round.rows) now[read.processes[row.process].name] = row.values;
    ASSERT_EQ(now.size(), rounds[at].size());
    for (const record::Row &row : rounds[at]) EXPECT_EQ(now["p" + std::to_string(row.process)], row.values);
  }
}

TEST(Recording, GivesBackWhoTheProcessesAre) {
  Made made;
  record::Process &process = made.process(3);
  process = {12, 3, 1, 99, 1234, kStartMs - 5, "na\nme", "/bin/x --y", "mimalloc", "/a/b"};
  made.round(0, {row(3, 1)});
  const Read read = read_all(made.text());
  ASSERT_EQ(read.processes.size(), 1u);
  EXPECT_EQ(read.processes[0].key(), process.key());
  EXPECT_EQ(read.processes[0].name, "na\nme");
  EXPECT_EQ(read.processes[0].command, "/bin/x --y");
  EXPECT_EQ(read.processes[0].group, "/a/b");
  EXPECT_EQ(read.processes[0].backend, "mimalloc");
  EXPECT_EQ(read.processes[0].started_ms, kStartMs - 5);
  EXPECT_EQ(read.processes[0].parent, 1);
  EXPECT_EQ(read.frames[0].segment->host, "host");
}

// The same pid again is another process; the same process in the next segment is not.
TEST(Recording, TellsAPidThatIsUsedAgainFromOneThatGoesOn) {
  Made made;
  made.process(0) = {
      .pid = 7, .inner_pid = 7, .start_time = 1, .name = "old", .command = {}, .backend = {}, .group = {}};
  made.process(1) = {
      .pid = 7, .inner_pid = 7, .start_time = 2, .name = "new", .command = {}, .backend = {}, .group = {}};
  made.round(0, {row(0, 10)});
  made.round(10, {row(0, 10, record::kEnded), row(1, 20)});
  made.segment();
  made.round(20, {row(1, 30)});
  const Read read = read_all(made.text());
  ASSERT_EQ(read.processes.size(), 2u);
  EXPECT_EQ(read.rounds()[2].rows[0].process, read.rounds()[1].rows[1].process);
  EXPECT_NE(read.rounds()[1].rows[0].process, read.rounds()[1].rows[1].process);
}

TEST(Recording, CutOffAnywhereGivesAllThatIsWholeBeforeTheCut) {
  Made made;
  std::vector<std::size_t> ends = {made.text().size()};
  for (int round = 0; round < 12; ++round) {
    if (round == 6) made.segment();
    made.round(10 * round, {row(0, static_cast<std::uint64_t>(round) << 20), row(1, 5)});
    ends.push_back(made.text().size());
  }
  for (std::size_t length = record::kSignature.size(); length <= made.text().size(); ++length) {
    const Read read = read_all(made.text().substr(0, length));
    const auto whole = std::upper_bound(ends.begin(), ends.end(), length) - ends.begin() - 1;
    ASSERT_EQ(read.frames.size(), static_cast<std::size_t>(whole)) << length;
    ASSERT_EQ(read.good_end, ends[static_cast<std::size_t>(whole)]);
    ASSERT_EQ(read.torn, length - read.good_end);
    ASSERT_EQ(read.damaged, 0u);
  }
}

TEST(Recording, GoesOnAtTheNextSegmentBehindADamage) {
  Made made;
  for (int round = 0; round < 9; ++round) {
    if (round % 3 == 0) made.segment();
    made.round(round, {row(0, static_cast<std::uint64_t>(round))});
  }
  const auto first = read_all(made.text()).good_end;
  for (std::size_t at = record::kSignature.size(); at < first; ++at) {
    std::string text = made.text();
    text[at] = static_cast<char>(text[at] ^ 0x10);
    const Read read = read_all(text);
    ASSERT_GE(read.frames.size(), 6u) << at;
    ASSERT_LT(read.frames.size(), 9u) << at;
    ASSERT_GT(read.torn + read.damaged, 0u) << at;
    for (const record::Round &round : read.rounds())
      ASSERT_EQ(round.rows[0].values[record::k_live_bytes],
                static_cast<std::uint64_t>(round.time_ms - kStartMs) / 1000);
  }
}

// A frame of sites as no recorder writes it: a process's, with so many lists, or of two at once.
std::string framed_sites(int lists, bool of_two) {
  std::string payload;
  {
    protozero::pbf_builder<record::FrameTag> frame(payload);
    protozero::pbf_builder<record::SitesTag> taking(frame, record::FrameTag::kSites);
    const std::uint64_t site[] = {1, 10, 1, 1, 10, 0, 0};
    taking.add_uint64(record::SitesTag::kProcess, 0);
    for (int list = 0; list < lists; ++list)
      taking.add_packed_uint64(record::SitesTag::kSites, std::begin(site), std::end(site));
    if (of_two) taking.add_uint64(record::SitesTag::kProcess, 1);
  }
  return record::framed(payload);
}

void expect_damaged(const std::string &frame, const std::vector<heapmeter::cli::symbols::Module> &modules) {
  namespace sites = heapmeter::cli::sites;
  sites::Profile profile;
  profile.modules = modules;
  profile.nodes = {{0, modules.empty() ? sites::kNoModule : 0, 0x10}};
  profile.sites = {{1, {}}};
  Made made;
  made.round(0, {row(0, 1), row(1, 1)});
  made.add({.segment = {}, .round = {}, .takings = {{0, profile}}});
  const Read read = read_all(made.text() + frame);
  EXPECT_EQ(read.frames.size(), 2u);
  EXPECT_EQ(read.damaged, frame.size());
}

// The nodes of the first would be looked up among the modules of the second, which has none.
TEST(Recording, OfSitesOfTwoProcessesAtOnceIsDamaged) {
  expect_damaged(framed_sites(1, true), {{"/bin/shop", "abcd", 0x1000, 0x2000, 0x1000}});
}

// Each list would be told its whole stacks again, however small it is.
TEST(Recording, OfTwoListsOfSitesInOneTakingIsDamaged) { expect_damaged(framed_sites(2, false), {}); }

// Each begins what might be a frame of megabytes: to look at each of them would take minutes.
TEST(Recording, OfNothingButMarksIsReadAtOnce) {
  std::string text(record::kSignature);
  while (text.size() < 8u << 20) {
    text += std::string("\0\0\x3f\0none", 8);
    text += record::kSegmentMark;
  }
  Made made;
  made.round(0, {row(0, 1)});
  const std::string whole = made.text() + text.substr(record::kSignature.size());
  const auto began = clock();
  const Read read = read_all(whole);
  EXPECT_LT(static_cast<double>(clock() - began) / CLOCKS_PER_SEC, 5);
  EXPECT_EQ(read.frames.size(), 1u);
  EXPECT_EQ(read.torn, text.size() - record::kSignature.size());
}

TEST(Recording, IsKnownByItsFirstLine) {
  EXPECT_TRUE(record::is_recording(Made().text(), "x"));
  EXPECT_FALSE(record::is_recording("", "x"));
  EXPECT_FALSE(record::is_recording("{\"format\":\"heapmeter mark\"}", "x"));
  try {
    record::is_recording("heapmeter recording 2\n...", "x");
    FAIL();
  } catch (const UserError &error) {
    EXPECT_EQ(std::string(error.what()).find("x is a recording of layout 2, which heapmeter"), 0u)
        << error.what();
  }
}

TEST(Recording, KeepsWhichCodeHeldWhat) {
  namespace sites = heapmeter::cli::sites;
  sites::Profile profile;
  profile.mode = sites::Mode::kEvery;
  profile.time = kStartMs / 1000.0;
  profile.live_bytes = 300;
  profile.modules = {{"/bin/unused", "00", 1, 2, 0}, {"/bin/shop", "abcd", 0x1000, 0x2000, 0x1000}};
  profile.nodes = {
      {0, 1, 0x10}, {1, 1, 0x20}, {1, sites::kNoModule, 0x7f00}, {0, sites::kMark, sites::kCutShort}};
  for (std::uint32_t leaf = 2; leaf <= 4; ++leaf) {
    profile.sites.push_back({leaf, {}});
    profile.sites.back().values.live_bytes = 100 * leaf;
    profile.sites.back().values.live_blocks = leaf;
  }
  Made made;
  for (int time = 0; time < 3; ++time) {
    if (time == 2) made.segment();
    made.round(time, {row(0, 1)});
    made.add({.segment = {}, .round = {}, .takings = {{0, profile}}});
  }
  const Read read = read_all(made.text());
  ASSERT_EQ(read.frames.size(), 6u);
  for (const std::size_t at : {1u, 3u, 5u}) {
    ASSERT_EQ(read.frames[at].takings.size(), 1u);
    const sites::Profile &got = read.frames[at].takings[0].profile;
    EXPECT_EQ(got.live_bytes, 300u);
    ASSERT_EQ(got.sites.size(), 3u);
    ASSERT_EQ(got.modules.size(), 1u);
    EXPECT_EQ(got.modules[0].build_id, "abcd");
    for (std::size_t site = 0; site < 3; ++site) {
      EXPECT_EQ(got.sites[site].values.live_bytes, profile.sites[site].values.live_bytes);
      // The same code, so the same name.
      EXPECT_EQ(sites::site_name(got, got.sites[site]), sites::site_name(profile, profile.sites[site]));
    }
  }
}

// Of the program's own names those that stacks bear, also where it has more of them than a recording may.
TEST(Recording, KeepsTheTagsThatStacksBear) {
  namespace sites = heapmeter::cli::sites;
  sites::Profile profile;
  profile.mode = sites::Mode::kEvery;
  for (int tag = 0; tag < 5000; ++tag) profile.tags.push_back("tag" + std::to_string(tag));
  profile.nodes = {{0, sites::kMark, sites::kFirstTag + 4999},
                   {0, sites::kMark, sites::kFirstTag + 12},
                   {0, sites::kMark, sites::kFirstTag}};
  for (std::uint32_t leaf = 1; leaf <= 3; ++leaf) profile.sites.push_back({leaf, {}});
  Made made;
  made.add({.segment = {}, .round = {}, .takings = {{0, profile}}});
  profile.nodes[1].offset = sites::kFirstTag + 3;
  made.add({.segment = {}, .round = {}, .takings = {{0, profile}}});
  const Read read = read_all(made.text());
  ASSERT_EQ(read.frames.size(), 2u);
  EXPECT_EQ(read.damaged + read.torn, 0u);
  for (const auto &[frame, second] : {std::pair(0u, "[tag11]"), {1u, "[tag2]"}}) {
    const sites::Profile &got = read.frames[frame].takings[0].profile;
    ASSERT_EQ(got.sites.size(), 3u);
    EXPECT_EQ(got.tags.size(), 2u);
    EXPECT_EQ(sites::mark_text(got, got.node(got.sites[0].leaf)), "[tag4998]");
    EXPECT_EQ(sites::mark_text(got, got.node(got.sites[1].leaf)), second);
    EXPECT_EQ(sites::mark_text(got, got.node(got.sites[2].leaf)), "[a tag for whose name there was no room]");
  }
}

}  // namespace
