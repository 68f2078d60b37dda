// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <sstream>

#include "tools/tool.h"
#include "verbs/commands.h"

using namespace heapmeter::testing;

namespace {

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

TEST(Help, ListsEveryVerb) {
  const Outcome outcome = Playground().run({"--help"});
  EXPECT_EQ(outcome.exit_code, 0);
  for (const auto &command : heapmeter::cli::commands()) {
    EXPECT_TRUE(has(outcome.out, std::string("\n  ") + command.name + " ")) << command.name;
  }
}

TEST(Help, OfEveryVerbHasAnExampleAndTellsJson) {
  for (const auto &command : heapmeter::cli::commands()) {
    const Outcome outcome = Playground().run({command.name, "--help"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome;
    EXPECT_TRUE(has(outcome.out, std::string("Example:\n  heapmeter ") + command.name)) << outcome;
    EXPECT_TRUE(has(outcome.out, "--json")) << outcome;
    EXPECT_FALSE(has(outcome.out, " REQUIRED") || has(outcome.out, "Positionals")) << outcome;
    EXPECT_EQ(Playground().run({"help", command.name}).out, outcome.out);
  }
}

TEST(Help, SaysWhatAVerbIsForInFullLinesOfAScreen) {
  for (const auto &command : heapmeter::cli::commands()) {
    const std::string help = Playground().run({command.name, "--help"}).out;
    std::istringstream text(help.substr(0, help.find("\n\n")));
    std::string before;
    for (std::string line; std::getline(text, line); before = line) {
      EXPECT_LE(line.size(), 80u) << line;
      if (before.empty()) continue;
      EXPECT_GT(before.size() + 1 + line.substr(0, line.find(' ')).size(), 80u) << before << "|" << line;
    }
  }
}

TEST(Help, IsOnStderrWithCode2WhenNothingIsAsked) {
  const Outcome outcome = Playground().run({});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(has(outcome.err, "Usage:"));
}

TEST(Help, OfUnknownWordsIsUsage) {
  EXPECT_EQ(Playground().run({"frobnicate"}).exit_code, 2);
  EXPECT_TRUE(has(Playground().run({"frobnicate"}).err, "unknown verb 'frobnicate'"));
  EXPECT_EQ(Playground().run({"--frobnicate"}).exit_code, 2);
}

TEST(Help, HasTheVersion) { EXPECT_TRUE(Playground().run({"--version"}).out.starts_with("heapmeter 0.")); }

}  // namespace
