// SPDX-License-Identifier: MIT
#include "views/process_table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "text/table.h"
#include "tools/golden.h"
#include "tools/targets/members.h"
#include "views/series_table.h"

namespace heapmeter::cli {
namespace {

using heapmeter::testing::expect_golden;
using heapmeter::testing::member;

const std::vector<Member> &shop() {
  static const std::vector<Member> all = [] {
    std::vector<Member> members;
    for (int at = 0; at < 20; ++at) members.push_back(member(25'800 + at, "prefork", 1 << 20));
    members.push_back(member(25'827, "prefork", 131 << 20, 135 << 10));
    members.push_back(member(31'000, "nginx", 3 << 20, -(40 << 10)));
    members.push_back(member(31'001, "postgres", 9 << 20));
    members.back().reading.reset();
    members.back().complaint = "not answering";
    return members;
  }();
  return all;
}

std::vector<ProcessLine> lines(bool contained = false) {
  std::vector<ProcessLine> all;
  for (const Member &each : shop()) {
    ProcessLine line{&each, "", "/usr/sbin/" + each.name() + " --worker " + std::to_string(each.local_pid),
                     ""};
    if (each.local_pid == 31'000)
      line.command =
          "nginx: worker \xe8\xae\xa2\xe5\x8d\x95\xe6\x9c\x8d\xe5\x8a\xa1 process of the shop in the web "
          "room";
    if (contained && each.local_pid > 30'000) line.container = "docker 3f4a8c21d0b7";
    all.push_back(line);
  }
  return all;
}

std::string picture(int width, bool utf8, bool contained) {
  const Look look{Units{false}, Paint(false), utf8, width};
  auto all = lines(contained);
  std::vector<NamedGroup> groups = {{"prefork", {}}, {"nginx", {all[21].member}}};
  for (int at = 0; at < 21; ++at) groups[0].members.push_back(all[static_cast<std::size_t>(at)].member);
  auto few = std::vector<ProcessLine>(all.begin() + 18, all.end());
  std::string text = process_table(few, look) + "\n";
  sort_processes(few, "growth");
  text += process_table(few, look) + "\n";
  text += group_table("prefork: 21 processes", {all.begin(), all.begin() + 21}, look) + "\n";
  return text + groups_table(groups, look);
}

TEST(ProcessTable, IsAsWideAsTheTerminal) {
  for (const int width : {80, 120, 200}) {
    for (const bool utf8 : {true, false}) {
      const std::string text = picture(width, utf8, width != 80);
      const std::string name =
          "processes_" + std::string(utf8 ? "" : "ascii_") + std::to_string(width) + ".txt";
      expect_golden(name, text);
      std::istringstream rows(text);
      for (std::string line; std::getline(rows, line);)
        EXPECT_LE(display_width(line), static_cast<std::size_t>(width)) << line;
    }
  }
}

TEST(ProcessTable, APipeHasItWhole) {
  const std::string text = process_table(lines(), {});
  EXPECT_NE(text.find("BLOCKS"), text.npos);
  EXPECT_NE(text.find("process of the shop in the web room\n"), text.npos);
}

TEST(ProcessTable, SortsWhatIsNotKnownLast) {
  for (const std::string &order : process_orders()) {
    auto all = lines();
    sort_processes(all, order);
    if (order != "pid" && order != "name" && order != "rss") {
      EXPECT_EQ(all.back().member->local_pid, 31'001) << order;
    }
  }
  auto all = lines();
  sort_processes(all, "live");
  EXPECT_EQ(all.front().member->local_pid, 25'827);
}

TEST(SeriesTable, IsNeverWiderThanTheTerminal) {
  const auto one = member(1, "x", std::uint64_t{1023} << 20, -(std::int64_t{900} << 20));
  for (const bool exact : {false, true}) {
    for (const bool of_group : {false, true}) {
      for (const int width : {40, 60, 80, 100, 120, 200}) {
        const SeriesTable table(Units{exact}, of_group, width);
        const std::string row = table.row({one.reading.get(), one.resident, one.rates(), 21});
        EXPECT_LE(display_width(row) - 1, static_cast<std::size_t>(width)) << row;
        EXPECT_EQ(display_width(row), display_width(table.header())) << table.header() << row;
        EXPECT_NE(table.header().find("LIVE"), std::string::npos);
        if (width >= 80) {
          EXPECT_NE(table.header().find("RSS"), std::string::npos);
        }
      }
    }
  }
}

}  // namespace
}  // namespace heapmeter::cli
