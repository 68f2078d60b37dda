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

TEST(Help, FitsAScreen) {
  std::istringstream text(Playground().run({"--help"}).out);
  for (std::string line; std::getline(text, line);) EXPECT_LE(line.size(), 80u) << line;
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

// However its lines are broken.
std::string words_of_help(const char *verb) {
  std::istringstream words(Playground().run({verb, "--help"}).out);
  std::string help;
  for (std::string word; words >> word;) help += word + " ";
  return help;
}

TEST(Help, SaysWhatASignInItsTablesMeans) {
  for (const char *verb : {"ps", "diff", "run"})
    EXPECT_TRUE(has(words_of_help(verb), "~ before a peak: about;")) << verb;
}

// What was noted is gone then, and a reading after that finds nothing.
TEST(Help, SaysWhatIsForgotten) {
  EXPECT_TRUE(has(words_of_help("sites"), "what was noted is then forgotten: read it or mark before"));
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

// What who comes from another tool types first, and the command that does it here.
TEST(Habits, AreAnsweredWithTheCommandThatDoesIt) {
  const std::pair<std::vector<std::string>, std::string> kTyped[] = {
      {{"attach", "4711"},
       "there is no verb 'attach'; did you mean heapmeter stat 4711, of a process started by"},
      {{"-p", "4711"}, "there is no option '-p'; did you mean heapmeter stat 4711?"},
      {{"--pid=4711"}, "did you mean heapmeter stat 4711?"},
      {{"--leak-check=full", "./x"}, "did you mean heapmeter run --leaks -- PROGRAM, or"},
      {{"--tool=massif", "./x"}, "run --sites -- PROGRAM for massif"},
      {{"flamegraph", "x.bin"}, "did you mean heapmeter sites TARGET --flame FILE.html?"},
      {{"run", "--leak-check=full", "--", "true"}, "run has no option --leak-check; did you mean --leaks?"},
      {{"run", "--pid=4711"},
       "run has no option --pid; did you mean heapmeter stat 4711 (run starts a program"},
      {{"record", "-p", "4711"}, "record has no option -p; did you mean TARGET without an option: 4711?"},
      {{"stat", "--pid=4711"}, "stat has no option --pid; did you mean TARGET without an option: 4711?"},
      {{"top", "-p4711"}, "top has no option -p; did you mean heapmeter top 4711?"},
      {{"-V"}, "there is no option '-V'; did you mean heapmeter --version?"},
      {{"ps", "-ef"}, "ps has no option -e; did you mean heapmeter ps, which lists all that you may see?"},
      {{"top", "-d", "2"}, "top has no option -d; did you mean -i SECONDS?"},
      {{"report", "--input", "x"}, "did you mean FILE without an option?"},
  };
  for (const auto &[typed, answer] : kTyped) {
    const Outcome outcome = Playground().run(typed);
    EXPECT_EQ(outcome.exit_code, 2) << outcome;
    EXPECT_TRUE(has(outcome.err, answer)) << answer << outcome;
  }
}

TEST(Help, HasTheVersion) { EXPECT_TRUE(Playground().run({"--version"}).out.starts_with("heapmeter 0.")); }

}  // namespace
