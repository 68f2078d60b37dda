// SPDX-License-Identifier: MIT
//
// The field names documented in tools/README.md are those the tool prints, both ways.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <regex>
#include <set>

#include "finding.h"
#include "support/meter.h"
#include "tool.h"

using namespace heapmeter::testing;

namespace {

using Names = std::set<std::string>;

// The `names` in the first column of the table below a heading.
Names documented(const std::string &heading) {
  const std::string text = read_file(source_root() / "tools" / "README.md");
  const std::size_t start = text.find("### " + heading + "\n");
  EXPECT_NE(start, std::string::npos) << heading;
  const std::string section = text.substr(start, text.find("\n#", start + 1) - start);
  Names names;
  const std::regex row("\n\\| ((`[a-z_]+`(, )?)+) \\|");
  for (std::sregex_iterator at(section.begin(), section.end(), row), end; at != end; ++at) {
    const std::string cell = (*at)[1];
    const std::regex name("`([a-z_]+)`");
    for (std::sregex_iterator each(cell.begin(), cell.end(), name); each != end; ++each)
      names.insert((*each)[1]);
  }
  return names;
}

Names keys(const boost::json::object &object) {
  Names names;
  for (const auto &entry : object) names.emplace(entry.key());
  return names;
}

Names united(Names first, const Names &second) {
  first.insert(second.begin(), second.end());
  return first;
}

TEST(Readme, DocumentsStat) {
  const Playground playground;
  const Holder holder(playground, {"10", "10"});
  const Outcome outcome = playground.run({"stat", holder.pid_text(), "-i", "0.05", "-c", "2", "--json"});
  const auto last = boost::json::parse(outcome.out.substr(outcome.out.find('\n') + 1)).as_object();
  EXPECT_EQ(keys(last), united(documented("Snapshot"), documented("stat --json")));
  EXPECT_EQ(keys(last.at("rates").as_object()), documented("Rates"));
}

TEST(Readme, DocumentsPs) {
  const Playground playground;
  const Holder holder(playground, {"10", "10"});
  const auto one = boost::json::parse(playground.run({"ps", "--json"}).out).as_array().at(0).as_object();
  Names expected = united(documented("Snapshot"), documented("ps --json"));
  expected.erase("error");  // only of one that does not answer
  EXPECT_EQ(keys(one), expected);
}

TEST(Readme, DocumentsDoctor) {
  const Playground playground;
  const Outcome outcome = playground.run({"doctor", "--json", sample("own_allocator")});
  const auto diagnosis = boost::json::parse(outcome.out).as_object();
  EXPECT_EQ(keys(diagnosis), documented("doctor --json"));
  EXPECT_EQ(keys(diagnosis.at("findings").at(0).as_object()), documented("Finding"));
}

TEST(Readme, DocumentsEveryFindingWithItsEffect) {
  const std::string text = read_file(source_root() / "tools" / "README.md");
  for (const auto &[code, effect] : {
#define HEAPMETER_FINDING(code, effect) \
  std::pair(#code, heapmeter::cli::effect_name(heapmeter::cli::Effect::effect)),
#include "findings.def"
#undef HEAPMETER_FINDING
       }) {
    EXPECT_NE(text.find(std::string("\n| `") + code + "` | " + effect + " |"), std::string::npos) << code;
  }
}

TEST(Readme, DocumentsTop) {
  const Playground playground;
  const Holder holder(playground, {"10", "10"});
  const auto round = boost::json::parse(playground.run({"top", "--json", "--count", "1"}).out).as_object();
  EXPECT_EQ(keys(round), documented("top --json"));
  Names expected = united(documented("Snapshot"), documented("ps --json"));
  expected.erase("error");
  EXPECT_EQ(keys(round.at("processes").at(0).as_object()), expected);
}

TEST(Readme, DocumentsAccount) {
  const Playground playground;
  const Holder holder(playground, {"10", "10"});
  const auto account =
      boost::json::parse(playground.run({"account", holder.pid_text(), "--json"}).out).as_object();
  EXPECT_EQ(keys(account), documented("account --json"));
  if (account.at("cgroup").is_object()) {
    EXPECT_EQ(keys(account.at("cgroup").as_object()), documented("Control group"));
  }
}

TEST(Readme, DocumentsSizes) {
  const Playground playground;
  const Holder holder(playground, {"10", "10"});
  const auto sizes =
      boost::json::parse(playground.run({"sizes", holder.pid_text(), "--json"}).out).as_object();
  EXPECT_EQ(keys(sizes), documented("sizes --json"));
  EXPECT_EQ(keys(sizes.at("classes").at(0).as_object()), documented("Size class"));
}

TEST(Readme, DocumentsThreads) {
  const Playground playground;
  const Holder holder(playground, {"10", "10"});
  const auto list =
      boost::json::parse(playground.run({"threads", holder.pid_text(), "--json"}).out).as_object();
  EXPECT_EQ(keys(list), documented("threads --json"));
  EXPECT_EQ(keys(list.at("threads").at(0).as_object()), documented("Thread"));
  EXPECT_EQ(united(keys(list.at("exited").as_object()), {"tid", "name"}), documented("Thread"));
}

TEST(Readme, DocumentsRun) {
  const Playground playground;
  playground.run({"run", "--json", "--output", playground / "summary", "--", sample("wrong_calls")});
  const auto summary = boost::json::parse(read_file(playground / "summary")).as_object();
  EXPECT_EQ(keys(summary), documented("run --json"));
  EXPECT_EQ(keys(summary.at("reading").as_object()), documented("Snapshot"));
  EXPECT_EQ(keys(summary.at("reading").at("faults").at(0).as_object()), documented("Fault"));
}

}  // namespace
