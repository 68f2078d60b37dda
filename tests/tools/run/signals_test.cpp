// SPDX-License-Identifier: MIT
//
// heapmeter run between a program and those who send it signals, and when it ends without a report.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <fstream>

#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

// The program below the tool; waits for it.
pid_t child_of(pid_t pid) {
  pid_t child = 0;
  const std::string list = "/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children";
  EXPECT_TRUE(eventually([&] { return static_cast<bool>(std::ifstream(list) >> child); }));
  return child;
}

// holder_of_bytes under the tool, ready.
class Running {
 public:
  Running(const Playground &playground, const std::string &word, std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"run", "--json", "--output", playground / "summary.json"});
    options.insert(options.end(), {"--", sample("holder_of_bytes"), "1000", "50", word});
    process_ = std::make_unique<Process>(playground.command(options));
    EXPECT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
    summary_ = playground / "summary.json";
  }
  Process &process() { return *process_; }
  pid_t program() const { return child_of(process_->pid()); }
  boost::json::object summary() const { return boost::json::parse(read_file(summary_)).as_object(); }

 private:
  std::unique_ptr<Process> process_;
  std::filesystem::path summary_;
};

std::int64_t live_blocks(const boost::json::object &summary) {
  return summary.at("reading").at("live_blocks").as_int64();
}

TEST(RunSignals, ReachTheProgram) {
  const Playground playground;
  Running run(playground, "");
  run.process().signal(SIGUSR1);  // the program ends on it; the tool would die of it
  EXPECT_EQ(run.process().wait().exit_code, 0);
  EXPECT_EQ(run.summary().at("source"), "report");
  EXPECT_GE(live_blocks(run.summary()), 50);
}

TEST(RunSignals, EndTheProgramAndThenTheTool) {
  for (int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    const Playground playground;
    Running run(playground, "");
    run.process().signal(number);
    EXPECT_EQ(run.process().wait().exit_code, 128 + number);
    EXPECT_EQ(run.summary().at("exit_code").as_int64(), 128 + number);
  }
}

// The summary of a program that ends on SIGUSR1 without a report, once the tool has read it before: there is
// no seeing from outside when it has, so each try leaves it twice the time.
boost::json::object summary_after_a_reading(const std::string &word, int exit_code) {
  for (auto patience = std::chrono::milliseconds(250);; patience *= 2) {
    const Playground playground;
    Running run(playground, word);
    socket_of(playground.sockets(), run.program());
    const auto ready = std::chrono::steady_clock::now() + patience;
    eventually([&] { return std::chrono::steady_clock::now() > ready; }, 2 * patience);
    run.process().signal(SIGUSR1);
    EXPECT_EQ(run.process().wait().exit_code, exit_code);
    const auto summary = run.summary();
    if (summary.at("source") == "reading" || patience > std::chrono::seconds(10)) return summary;
  }
}

TEST(RunSignals, KilledProgramsAreShownAsLastRead) {
  const auto summary = summary_after_a_reading("kill", 128 + SIGKILL);
  EXPECT_EQ(summary.at("source"), "reading");
  EXPECT_EQ(summary.at("signal"), "SIGKILL");
  EXPECT_GE(live_blocks(summary), 50);
  EXPECT_GT(summary.at("reading_age_seconds").to_number<double>(), 0);
  const std::string words(summary.at("verdicts").at(0).at("words").as_string());
  EXPECT_TRUE(words.ends_with("unusual in its heap, as last read")) << words;
}

TEST(RunSignals, ProgramsThatSkipTheirExitReportAllTheSame) {
  for (const char *way : {"_exit", "quick_exit"}) {
    const auto summary = summary_after_a_reading(way, 7);
    EXPECT_EQ(summary.at("source"), "report") << way;
    EXPECT_GE(live_blocks(summary), 50) << way;
  }
}

TEST(RunSignals, KilledWithoutASocketThereIsNoReadingAndAReason) {
  const Playground playground;
  Running run(playground, "kill", {"--no-serve"});
  run.process().signal(SIGUSR1);
  EXPECT_EQ(run.process().wait().exit_code, 128 + SIGKILL);
  EXPECT_EQ(run.summary().at("source"), "none");
  EXPECT_FALSE(run.summary().at("why").as_array().empty());
  EXPECT_TRUE(run.summary().at("verdicts").as_array().empty()) << "of what nobody read nothing is said";
}

char state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  return text.empty() ? '?' : text.at(text.rfind(')') + 2);
}

TEST(RunSignals, StopAndContinueBoth) {
  const Playground playground;
  Running run(playground, "");
  const pid_t program = run.program();
  run.process().signal(SIGTSTP);
  EXPECT_TRUE(eventually([&] { return state_of(program) == 'T' && state_of(run.process().pid()) == 'T'; }))
      << state_of(program) << state_of(run.process().pid());
  run.process().signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return state_of(program) == 'S' && state_of(run.process().pid()) == 'S'; }))
      << state_of(program) << state_of(run.process().pid());
  run.process().signal(SIGUSR1);
  EXPECT_EQ(run.process().wait().exit_code, 0);
}

TEST(RunSignals, StoppingOnlyTheProgramDoesNotStopTheTool) {
  const Playground playground;
  Running run(playground, "");
  const pid_t program = run.program();
  kill(program, SIGSTOP);
  EXPECT_TRUE(eventually([&] { return state_of(program) == 'T'; }));
  kill(program, SIGCONT);
  run.process().signal(SIGUSR1);
  EXPECT_EQ(run.process().wait().exit_code, 0);
}

TEST(RunSignals, SurviveAnIgnoredSigchld) {
  const Playground playground;
  Command command = playground.command({});
  command.argv = {"bash", "-c", "trap '' CHLD; exec " + tool().string() + " run --quiet bash -c 'exit 9'"};
  EXPECT_EQ(run(command).exit_code, 9);
}

TEST(RunSignals, NameWhoStillRunsAndLeaveItItsReport) {
  const Playground playground;
  const std::string holder = sample("holder_of_bytes").string();
  Command command =
      playground.command({"run", "--json", "--output", playground / "summary.json", "--", "bash", "-c",
                          "setsid " + holder + " 10 10 > " + (playground / "out").string() +
                              " & echo $!; until grep -q ready " + (playground / "out").string() +
                              "; do :; done; until ls $HEAPMETER_DIR | grep -q ^$!-; do :; done"});
  const Outcome outcome = run(command);
  const pid_t daemon = std::stoi(outcome.out);
  const auto summary = boost::json::parse(read_file(playground / "summary.json")).as_object();
  EXPECT_EQ(summary.at("still_running"), (boost::json::array{daemon})) << outcome;
  kill(daemon, SIGUSR1);
  EXPECT_TRUE(eventually([&] {
    for (const auto &entry :
         std::filesystem::recursive_directory_iterator(playground.sockets().parent_path())) {
      if (entry.path().filename() == std::to_string(daemon) + ".json") return true;
    }
    return false;
  }));
}

}  // namespace
