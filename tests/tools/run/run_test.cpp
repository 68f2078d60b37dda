// SPDX-License-Identifier: MIT
//
// heapmeter run with the real library: the program is passed through, and its heap is told.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

boost::json::object json_summary(const Playground &playground, std::vector<std::string> command) {
  std::vector<std::string> arguments = {"run", "--json", "--output", playground / "summary.json", "--"};
  arguments.insert(arguments.end(), command.begin(), command.end());
  const Outcome outcome = playground.run(arguments);
  EXPECT_FALSE(outcome.timed_out) << outcome;
  return boost::json::parse(read_file(playground / "summary.json")).as_object();
}

// Its name in LD_PRELOAD, by which no child of another kind is troubled.
std::string preloaded() { return library().parent_path() / "heapmeter/preload/$LIB/libheapmeter.so"; }

TEST(Run, GivesTheProgramsOwnExitCode) {
  const Playground playground;
  EXPECT_EQ(playground.run({"run", "true"}).exit_code, 0);
  EXPECT_EQ(playground.run({"run", "bash", "-c", "exit 42"}).exit_code, 42);
  EXPECT_EQ(playground.run({"run", "bash", "-c", "kill -SEGV $$"}).exit_code, 128 + SIGSEGV);
}

TEST(Run, KnowsTheHeapToTheByte) {
  Playground playground;
  const auto summary = json_summary(playground, {sample("wrong_calls")});
  EXPECT_EQ(summary.at("source"), "report");
  const auto &reading = summary.at("reading").as_object();
  EXPECT_EQ(reading.at("mismatches").as_int64(), 3);
  EXPECT_EQ(reading.at("allocations_by_kind").at("new_array").as_int64(), 3);
  EXPECT_EQ(reading.at("faults").at(0).at("allocated_by"), "new_array");
  EXPECT_EQ(reading.at("faults").at(0).at("released_by"), "free");
  EXPECT_EQ(reading.at("faults").at(0).at("bytes").as_int64(), 40);
  EXPECT_EQ(reading.at("faults").at(0).at("count").as_int64(), 3);
}

TEST(Run, NamesTheCodeOfWrongCallsWhereItIsNoted) {
  const Playground playground;
  const Outcome outcome = playground.run({"run", "--sites", sample("wrong_calls")});
  EXPECT_TRUE(has(outcome.err, "released by free\n")) << outcome;
  EXPECT_TRUE(has(outcome.err, "made at main")) << outcome;
  EXPECT_TRUE(has(outcome.err, "called at main")) << outcome;
  EXPECT_FALSE(has(playground.run({"run", sample("wrong_calls")}).err, "made at"));
  const Outcome shown = playground.run({"run", "--sites", "--json", "--output", playground / "summary.json",
                                        "--", "bash", "-c", sample("wrong_calls").string() + "; true"});
  EXPECT_TRUE(has(read_file(playground / "summary.json"), R"("called_at":"main)")) << shown;
}

TEST(Run, PrintsASummaryOnStderrAndNothingOnStdout) {
  const Playground playground;
  const Outcome outcome = playground.run({"run", sample("wrong_calls")});
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(has(outcome.err, "heapmeter: wrong_calls (")) << outcome;
  EXPECT_TRUE(has(outcome.err, "3x a block of 40 B made by new[] released by free")) << outcome;
  EXPECT_TRUE(has(outcome.err, "RSS peak")) << outcome;
  EXPECT_FALSE(has(outcome.err, "\x1b[")) << "colour without a terminal";
}

TEST(Run, IsSilentWhenQuiet) {
  const Playground playground;
  const Outcome outcome = playground.run({"run", "--quiet", "bash", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(outcome.out, "out\n");
  EXPECT_EQ(outcome.err, "err\n");
  EXPECT_EQ(outcome.exit_code, 3);
}

// The summary of a script that has a program with its own malloc alive for some seconds: it is known by looks
// a second apart, so the longer it lives the surer it is.
boost::json::object with_a_program_seen(const Playground &playground, const std::string &before,
                                        const std::string &after) {
  boost::json::object summary;
  for (const char *seconds : {"0.5", "3", "20"}) {
    summary = json_summary(playground, {"bash", "-c", before + seconds + after});
    if (!summary.at("uncounted").as_array().empty()) break;
  }
  return summary;
}

TEST(Run, QuietWritesWhatIsToGoToAFile) {
  const Playground playground;
  const auto file = playground / "summary.json";
  const Outcome outcome = playground.run({"run", "--quiet", "--json", "--output", file.string(), "true"});
  EXPECT_EQ(outcome.err, "") << outcome;
  EXPECT_EQ(boost::json::parse(read_file(file)).at("command").at(0), "true");
}

TEST(Run, NamesTheProgramItBecameThatIsNotCounted) {
  const Playground playground;
  const auto summary = with_a_program_seen(
      playground, "(sleep ", "; kill -USR1 $$) & exec " + sample("own_allocator").string() + " stay");
  ASSERT_EQ(summary.at("uncounted").as_array().size(), 1u) << summary;
  const auto &seen = summary.at("uncounted").at(0);
  EXPECT_EQ(seen.at("pid"), summary.at("pid"));
  EXPECT_TRUE(std::filesystem::equivalent(seen.at("program").as_string().c_str(), sample("own_allocator")))
      << seen;
  EXPECT_NE(summary.at("source"), "report") << "the shell's is not the program's";
  const std::string why(summary.at("why").at(0).as_string());
  EXPECT_TRUE(has(why, "it became another program by exec, which is not counted: ")) << why;
  EXPECT_TRUE(has(why, "own_allocator brings its own malloc")) << why;
}

TEST(Run, NamesTheProgramItStartedThatIsNotCounted) {
  const Playground playground;
  const auto summary = with_a_program_seen(playground, "timeout -s USR1 ",
                                           " " + sample("own_allocator").string() + " stay; true");
  ASSERT_EQ(summary.at("uncounted").as_array().size(), 1u) << summary;
  EXPECT_NE(summary.at("uncounted").at(0).at("pid"), summary.at("pid"));
  EXPECT_EQ(summary.at("source"), "report");
}

TEST(Run, PassesInputAndOutputThrough) {
  const Playground playground;
  Command command = playground.command({"run", "--quiet", "--", "cat"});
  command.input.assign(8 << 20, 'x');
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << outcome.err;
  EXPECT_EQ(outcome.out.size(), command.input.size());
  EXPECT_TRUE(outcome.out == command.input);
}

TEST(Run, KeepsPipesPipes) {
  const Playground playground;
  Command command = playground.command({});
  command.argv = {"bash", "-c",
                  "set -o pipefail; echo words | " + tool().string() + " run --quiet cat | tr a-z A-Z"};
  EXPECT_EQ(run(command).out, "WORDS\n");
}

TEST(Run, LetsAProgramDieOfAClosedPipeAsItWould) {
  const Playground playground;
  Command command = playground.command({});
  command.argv = {"bash", "-c", tool().string() + " run --quiet yes | head -1; echo ${PIPESTATUS[0]}"};
  EXPECT_EQ(run(command).out, "y\n141\n");
}

TEST(Run, LeavesTheProgramWithWhatItWasBornWith) {
  Playground playground;
  Command plain = playground.command({});
  const std::string program = sample("dispositions");
  // In the shell's own process group, with a signal ignored and a descriptor closed and another open.
  const std::string setting = "trap '' USR2; exec 7</dev/null; exec 0<&-; umask 027; ";
  plain.argv = {"bash", "-c", setting + program + "; true"};
  Command metered = plain;
  metered.argv = {"bash", "-c", setting + tool().string() + " run --quiet " + program + "; true"};
  const auto without_group = [](const std::string &text) { return text.substr(0, text.find("group")); };
  const Outcome expected = run(plain), got = run(metered);
  EXPECT_NE(expected.out, "");
  EXPECT_EQ(without_group(got.out), without_group(expected.out));
}

TEST(Run, KeepsALibraryThatIsPreloadedAlready) {
  Playground playground;
  const std::string other = build_root() / "tests" / "preload" / "libsame_environment.so";
  playground.set("LD_PRELOAD", other);
  const Outcome outcome = playground.run({"run", "--quiet", "bash", "-c", "echo $LD_PRELOAD"});
  EXPECT_EQ(outcome.out, preloaded() + ":" + other + "\n");
}

TEST(Run, DoesNotMeterItselfWhenTheShellPreloads) {
  Playground playground;
  playground.set("LD_PRELOAD", library());
  playground.set("HEAPMETER_REPORT", playground / "report.%p");
  EXPECT_EQ(playground.run({"ps"}).exit_code, 0);
  for (const auto &entry : std::filesystem::directory_iterator(playground.sockets().parent_path())) {
    EXPECT_FALSE(has(entry.path().filename(), "report.")) << entry.path();
  }
  const Outcome outcome =
      playground.run({"run", "--quiet", "bash", "-c", "echo $LD_PRELOAD; env | grep -c TOOL_PRELOAD"});
  EXPECT_EQ(outcome.out, preloaded() + "\n0\n");
}

TEST(Run, UsesTheReportTheUserAskedFor) {
  Playground playground;
  playground.set("HEAPMETER_REPORT", playground / "mine.%p");
  const auto summary = json_summary(playground, {"bash", "-c", "exit 0"});
  EXPECT_EQ(summary.at("source"), "report");
  EXPECT_TRUE(std::filesystem::exists(playground / ("mine." + std::to_string(summary.at("pid").as_int64()))));
}

TEST(Run, LeavesNothingBehind) {
  const Playground playground;
  playground.run({"run", "true"});
  playground.run({"run", "bash", "-c", "kill -9 $$"});
  for (const auto &entry :
       std::filesystem::recursive_directory_iterator(playground.sockets().parent_path())) {
    EXPECT_EQ(entry.path(), playground.sockets());
  }
}

TEST(Run, PassesItsSwitchesOn) {
  Playground playground;
  const Outcome outcome =
      playground.run({"run", "--quiet", "--no-serve", "--dir", playground / "other", "--backend", "mimalloc",
                      "bash", "-c", "echo $HEAPMETER_SERVE $HEAPMETER_DIR $HEAPMETER_BACKEND"});
  EXPECT_EQ(outcome.out, "off " + (playground / "other").string() + " mimalloc\n");
  const Outcome following = playground.run({"run", "--quiet", "bash", "-c", "bash -c 'echo $LD_PRELOAD'"});
  EXPECT_EQ(following.out, preloaded() + "\n");
  const Outcome alone =
      playground.run({"run", "--quiet", "--no-follow", "bash", "-c", "bash -c 'echo $LD_PRELOAD'"});
  EXPECT_EQ(alone.out, "\n");
}

TEST(Run, CountsChildrenButTakesTheNumbersOfTheProgramItself) {
  Playground playground;
  const auto summary = json_summary(playground, {"bash", "-c", "ls / > /dev/null; ls / > /dev/null; exit 0"});
  EXPECT_EQ(summary.at("reading").at("pid"), summary.at("pid"));
  EXPECT_GE(summary.at("children").as_array().size(), 2u);
}

TEST(Run, CountsWhatAForkedChildHadFromItsParentOnce) {
  Playground playground;
  const auto summary =
      json_summary(playground, {"bash", "-c", "for i in 1 2 3 4 5 6 7 8; do (:; exit 0); done; exit 0"});
  const std::int64_t own = summary.at("reading").at("allocations").as_int64();
  ASSERT_EQ(summary.at("children").as_array().size(), 8u);
  EXPECT_EQ(summary.at("sum").at("processes").as_int64(), 9);
  EXPECT_GT(summary.at("sum").at("allocations").as_int64(), own);
  EXPECT_LT(summary.at("sum").at("allocations").as_int64(), 2 * own)
      << "eight subshells add little of their own";
}

TEST(Run, KnowsWhoLeavesByUnderscoreExitByALastReading) {
  Playground playground;
  boost::json::object summary;
  const boost::json::value *killed = nullptr;
  // On a busy machine it takes a while until there is a reading.
  for (int seconds = 3; seconds < 60 && killed == nullptr; seconds *= 2) {
    summary = json_summary(playground, {"bash", "-c",
                                        "\"$0\" 10 4000 & child=$!; while ! ls \"$HEAPMETER_DIR\" | "
                                        "grep -q ^$child-; do sleep 0.05; done; sleep " +
                                            std::to_string(seconds) + "; kill -9 $child; wait $child; exit 0",
                                        sample("holder_of_bytes")});
    for (const auto &each : summary.at("children").as_array()) {
      if (each.at("source") == "reading") killed = &each;
    }
  }
  ASSERT_NE(killed, nullptr) << summary;
  EXPECT_GE(killed->at("live_bytes").as_int64(), 40'000);
  EXPECT_GE(killed->at("rss_peak_bytes").as_int64(), 40'000);
  EXPECT_EQ(killed->at("command").as_array().size(), 3u);
  EXPECT_EQ(summary.at("sum").at("unreported").as_int64(), 1);
}

TEST(Run, TellsThePartsOfATreeApartByTheirFiles) {
  Playground playground;
  write_file(playground / "one.txt", "1");
  write_file(playground / "two.txt", "2");
  const auto summary = json_summary(
      playground, {"bash", "-c", "cd $0; cat one.txt; cat two.txt; exit 0", (playground / "").string()});
  const auto &programs = summary.at("programs").as_array();
  const auto cat = std::find_if(programs.begin(), programs.end(),
                                [](const auto &each) { return each.at("name") == "cat"; });
  ASSERT_NE(cat, programs.end()) << summary;
  EXPECT_EQ(cat->at("runs").as_int64(), 2);
  EXPECT_EQ(cat->at("about").at(0).at("word"), "one.txt");
  EXPECT_EQ(cat->at("about").at(1).at("word"), "two.txt");
  EXPECT_GT(cat->at("rss_peak_bytes").as_int64(), 500'000);
}

TEST(Run, WritesACommentForAPullRequest) {
  Playground playground;
  const Outcome outcome =
      playground.run({"run", "--quiet", "--markdown", playground / "comment.md", "--fail-if",
                      "allocations>10", "bash", "-c", "ls / >/dev/null; exit 0"});
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
  const std::string comment = read_file(playground / "comment.md");
  EXPECT_TRUE(comment.starts_with("### heapmeter: `bash -c ls / >/dev/null; exit 0`, exit code 0\n\n"))
      << comment;
  EXPECT_TRUE(has(comment, "- **failed** `allocations>10`: it is ")) << comment;
  EXPECT_TRUE(has(comment, "\n| bash | 1 | ")) << comment;
  EXPECT_TRUE(has(comment, "\n| ls | 1 | ")) << comment;
  EXPECT_EQ(playground.run({"run", "--markdown", playground / "no/where", "true"}).exit_code, 1);
}

TEST(Run, CountsPythonsObjectsWhenAsked) {
  Playground playground;
  EXPECT_EQ(playground.run({"run", "--quiet", "--python", "bash", "-c", "echo $PYTHONMALLOC"}).out,
            "malloc\n");
}

TEST(Run, ShowsABurstInTheShapeOfAProgram) {
  Playground playground;
  boost::json::object summary;
  // On a busy machine it takes a while until there are readings before and behind it.
  for (double seconds = 0.6; seconds < 20; seconds *= 2) {
    const std::string rests = "select undef, undef, undef, " + std::to_string(seconds) + "; ";
    summary =
        json_summary(playground, {"perl", "-e", rests + "$n = 50e6; $a = 'x' x $n; undef $a; " + rests});
    if (summary.at("series").as_array().size() >= 3) break;
  }
  const auto &series = summary.at("series").as_array();
  ASSERT_GE(series.size(), 3u);
  EXPECT_TRUE(std::any_of(series.begin(), series.end(), [](const auto &each) {
    return each.at("most_bytes").as_int64() >= 50'000'000;
  })) << "whether or not a reading fell into it";
  EXPECT_LT(series.at(0).at("most_bytes").as_int64(), 50'000'000);
  EXPECT_GE(summary.at("peak_after_seconds").as_double(), 0.5);
}

// Python and Ruby are mostly libraries, which their programs are linked with.
TEST(Run, KnowsWhoseMemoryItWasByTheLibrariesOfTheProgram) {
  const Playground playground;
  for (const auto &[program, owners] :
       {std::pair{"needs_runtime", "Ruby's pages of objects"},
        std::pair{"needs_runtimes", "Ruby's pages of objects and Haskell's heap"}}) {
    const auto summary = json_summary(playground, {sample(program)});
    EXPECT_TRUE(std::string(summary.at("verdicts").at(0).at("words").as_string())
                    .ends_with(std::string("are not malloc's: ") + owners))
        << summary.at("verdicts");
  }
  const std::string shown = playground.run({"run", sample("needs_runtimes")}).err;
  EXPECT_TRUE(has(shown, "needs_runtimes keeps Ruby's")) << shown;
  EXPECT_TRUE(has(shown, "; needs_runtimes runs\n") || has(shown, "; needs_runtimes runs Haskell")) << shown;
}

// On a busy machine its growth is uneven, and takes longer to be sure of.
TEST(Run, TellsWhoGrowsWhereMallocDoesNot) {
  const Playground playground;
  bool told = false;
  boost::json::object summary;
  for (int seconds = 4; seconds <= 64 && !told; seconds *= 2) {
    summary = json_summary(playground, {"bash", "-c",
                                        "timeout " + std::to_string(seconds) + " " +
                                            sample("takes_course").string() + " arenas"});
    for (const auto &verdict : summary.at("verdicts").as_array()) {
      if (verdict.at("kind") != "growth_beside") continue;
      told = true;
      EXPECT_TRUE(
          has(std::string(verdict.at("words").as_string()), "resident memory of takes_course grew by "))
          << verdict;
    }
  }
  EXPECT_TRUE(told) << summary.at("verdicts");
}

TEST(Run, SortsItsProgramsByTheColumnAskedFor) {
  const Playground playground;
  const std::string starts =
      "for i in 1 2 3; do /bin/true; done; " + sample("wrong_calls").string() + "; exit 0";
  const auto first = [&](const std::string &order) {
    const Outcome outcome = playground.run({"run", "--sort", order, "--", "bash", "-c", starts});
    const std::size_t begin = outcome.err.find("PROGRAM "), row = outcome.err.find('\n', begin) + 3;
    return outcome.err.substr(row, outcome.err.find(' ', row) - row);
  };
  EXPECT_EQ(first("program"), "bash");
  EXPECT_EQ(first("runs"), "true");
  const Outcome wrong = playground.run({"run", "--sort", "peek", "--", "true"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_TRUE(has(wrong.err, "did you mean peak?")) << wrong;
}

TEST(Run, RunsAScriptWithoutAFirstLineInTheShell) {
  const Playground playground;
  write_file(playground / "script", "echo hello $1\n");
  chmod((playground / "script").c_str(), 0755);
  EXPECT_EQ(playground.run({"run", "--quiet", playground / "script", "you"}).out, "hello you\n");
}

TEST(Run, SaysSoWhenTheSocketDirectoryIsNotToBeTrusted) {
  Playground playground;
  std::filesystem::create_directory_symlink(playground.sockets(), playground / "link");
  const Outcome outcome = playground.run({"run", "--dir", playground / "link", "bash", "-c", "exit 5"});
  EXPECT_EQ(outcome.exit_code, 5);
  EXPECT_TRUE(has(outcome.err, "symbolic link")) << outcome;
  EXPECT_TRUE(has(outcome.err, "live at exit")) << outcome;
}

TEST(Run, IgnoresAReportThatIsNone) {
  Playground playground;
  playground.set("HEAPMETER_REPORT", playground / "mine.%p");
  const auto summary = json_summary(playground, {"bash", "-c",
                                                 "trap 'echo rubbish > " + (playground / "mine.").string() +
                                                     "$$' EXIT; kill -TERM $BASHPID"});
  EXPECT_EQ(read_file(playground / ("mine." + std::to_string(summary.at("pid").as_int64()))), "rubbish\n");
  EXPECT_NE(summary.at("source"), "report");
}

}  // namespace
