// SPDX-License-Identifier: MIT
//
// leaks --growth on a program that keeps what one place in it makes, and tells of it; and on several of them.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <map>
#include <memory>
#include <set>
#include <sstream>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

class GrowthVerb : public ::testing::Test {
 protected:
  void start(const std::string &mode) {
    process_ = another(mode);
    socket_ = socket_of(playground_.sockets(), process_->pid());
  }
  std::unique_ptr<Process> another(const std::string &mode) {
    Command command{{sample("keeps_blocks")}};
    command.environment = playground_.environment();
    command.environment["LD_PRELOAD"] = library();
    command.environment["HEAPMETER_SAMPLE"] = mode;
    auto process = std::make_unique<Process>(command);
    EXPECT_TRUE(eventually([&] { return process->out() == "ready\n"; })) << process->err();
    socket_of(playground_.sockets(), process->pid());
    return process;
  }
  // How long they have waited for a processor.
  static double held_up_seconds(const std::vector<pid_t> &pids) {
    double seconds = 0;
    for (const pid_t pid : pids) {
      std::istringstream schedstat(read_file("/proc/" + std::to_string(pid) + "/schedstat"));
      double running = 0, waiting = 0;
      schedstat >> running >> waiting;
      seconds += waiting / 1e9;
    }
    return seconds;
  }
  enum class Told { kAll, kTooLittleToTell, kWrong };
  // Who gets no processor grows by fits and starts, and for that a short watch is none: it is taken again,
  // twice as long, but only if these were held up for a twentieth of it, and the tool itself could not tell.
  // What it told wrongly stays told.
  template <typename Take, typename Judge>
  static auto long_enough(int seconds, const std::vector<pid_t> &pids, Take take, Judge judge) {
    for (;; seconds *= 2) {
      const double before = held_up_seconds(pids);
      auto taken = take("--growth=" + std::to_string(seconds) + "s");
      const bool held_up = held_up_seconds(pids) - before > seconds / 20.0;
      if (judge(taken) != Told::kTooLittleToTell || !held_up || seconds > 30) return taken;
    }
  }
  // Of keeps_blocks, of which these are wanted.
  static Told told_of(const std::string &out, const std::vector<std::string> &wanted) {
    const json::object found = json::parse(out).as_object();
    std::set<std::string> told;
    for (const json::value &place : found.at("growing").as_array()) {
      const std::string function(place.at("frames").at(0).at("function").as_string());
      if (function == "keep_headers(int)" ? place.at("verdict") != "held_and_growing"
                                          : function != "keep_a_fifth(int)")
        return Told::kWrong;
      told.insert(function);
    }
    for (const std::string &each : wanted)
      if (!told.contains(each)) return found.at("too_few") != 0 ? Told::kTooLittleToTell : Told::kWrong;
    return Told::kAll;
  }
  static Told told_in(const Outcome &outcome, const std::vector<std::string> &parts) {
    for (const char *wrong : {"use_a_cache", "fill_a_pool", "decided: keep_headers"})
      if (outcome.out.find(wrong) != std::string::npos) return Told::kWrong;
    if (!outcome.ok()) return Told::kWrong;
    if (missing(outcome, parts).empty()) return Told::kAll;
    return outcome.out.find("too few blocks stayed to tell") != std::string::npos ? Told::kTooLittleToTell
                                                                                  : Told::kWrong;
  }
  // The first text that is not there, or "".
  static std::string missing(const Outcome &outcome, const std::vector<std::string> &texts) {
    for (const std::string &text : texts)
      if (outcome.out.find(text) == std::string::npos) return text;
    return "";
  }
  Playground playground_;
  std::unique_ptr<Process> process_;
  std::string socket_;
};

TEST_F(GrowthVerb, FindsWhatIsHeldAndGrowing) {
  start("every");
  const Outcome outcome = long_enough(
      4, {process_->pid()},
      [&](const std::string &growth) {
        return playground_.run({"leaks", socket_, growth, "--json"});
      },
      [](const Outcome &taken) {
        return taken.ok() ? told_of(taken.out, {"keep_headers(int)", "keep_a_fifth(int)"}) : Told::kWrong;
      });
  ASSERT_TRUE(outcome.ok()) << outcome;
  const json::object found = json::parse(outcome.out).as_object();
  EXPECT_EQ(found.at("readings"), 24);
  std::map<std::string, std::string> verdicts;
  std::string fifth = "growing";
  constexpr std::int64_t kEnoughSamples = 25;  // of lives that are all short
  for (const json::value &place : found.at("growing").as_array()) {
    const std::string function(place.at("frames").at(0).at("function").as_string());
    verdicts[function] = std::string(place.at("verdict").as_string());
    EXPECT_GT(place.at("least_bytes_per_second").to_number<double>(), 0) << place;
    const auto born = place.at("born_blocks").to_number<std::int64_t>();
    const auto kept = place.at("least_kept_blocks").to_number<std::int64_t>();
    const auto samples = place.at("lifetime_samples").to_number<std::int64_t>();
    if (function == "keep_headers(int)") {
      EXPECT_EQ(born, kept);
      EXPECT_EQ(place.at("all_died_blocks"), 0);
    } else {
      EXPECT_LE(kept, born / 5 + 50) << place;
      fifth = samples >= kEnoughSamples ? "held_and_growing" : verdicts[function];
    }
  }
  const std::map<std::string, std::string> expected = {{"keep_headers(int)", "held_and_growing"},
                                                       {"keep_a_fifth(int)", fifth}};
  EXPECT_EQ(verdicts, expected) << outcome.out;
}

TEST_F(GrowthVerb, SaysItInASentenceWithItsEvidence) {
  start("every");
  const std::vector<std::string> parts = {
      "held, and growing: 100 % of what keep_headers allocated in the first half is still there; ",
      "/s, interval ", " blocks born in the first half, in ", "keep_a_fifth",
      "watch longer to tell them apart"};
  const Outcome outcome = long_enough(
      2, {process_->pid()},
      [&](const std::string &growth) {
        return playground_.run({"leaks", socket_, growth});
      },
      [&](const Outcome &taken) { return told_in(taken, parts); });
  EXPECT_EQ(missing(outcome, parts), "") << outcome;
  EXPECT_EQ(outcome.out.find("use_a_cache"), std::string::npos) << outcome;
  EXPECT_EQ(outcome.err, "") << "no countdown without a terminal";
}

TEST_F(GrowthVerb, NeedsEveryAllocationAttributed) {
  start("off");
  const Outcome outcome = playground_.run({"leaks", socket_, "--growth=1s"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("--sample every"), std::string::npos) << outcome;
}

TEST_F(GrowthVerb, SaysWhatIsNoTimeToWatch) {
  start("off");
  for (const char *time : {"--growth=0", "--growth=x", "--growth=8d", "--growth=-1s", "--growth=9999h"})
    EXPECT_EQ(playground_.run({"leaks", socket_, time}).exit_code, 2) << time;
  EXPECT_EQ(playground_.run({"leaks", socket_, "--growth=1s", "--once"}).exit_code, 2);
}

TEST_F(GrowthVerb, SaysSoWhenTheProcessEnds) {
  start("every");
  Command command = playground_.command({"leaks", socket_, "--growth=60s"});
  const Process tool(command);
  process_->signal(SIGKILL);
  process_->wait();
  ASSERT_TRUE(eventually([&] { return !tool.running(); }));
  EXPECT_NE(tool.err().find("ended"), std::string::npos) << tool.err();
}

// Of all, while one of them ends.
struct Watched {
  std::string out;
  bool ended = false;
};

json::object place_of(const json::object &found, const std::string &function) {
  for (const json::value &place : found.at("growing").as_array())
    if (place.at("frames").at(0).at("function").as_string() == function) return place.as_object();
  return {};
}

// One that is not attributed, and one that ends meanwhile, keep nobody from the others.
TEST_F(GrowthVerb, JudgesSeveralTogether) {
  const auto one = another("every"), other = another("every"), unattributed = another("off");
  const Watched watched = long_enough(
      4, {one->pid(), other->pid()},
      [&](const std::string &growth) {
        const auto ending = another("every");
        const Process tool(playground_.command({"leaks", "keeps_blocks", growth, "--json"}));
        // It has read all of them, and waits for the next time.
        const std::string asleep = std::to_string(SYS_clock_nanosleep) + " ";
        EXPECT_TRUE(eventually([&] {
          return read_file("/proc/" + std::to_string(tool.pid()) + "/syscall").starts_with(asleep);
        }));
        ending->signal(SIGKILL);
        ending->wait();
        const bool ended = eventually([&] { return !tool.running(); });
        return Watched{tool.out(), ended};
      },
      [](const Watched &taken) {
        return taken.ended ? told_of(taken.out, {"keep_headers(int)"}) : Told::kWrong;
      });
  ASSERT_TRUE(watched.ended);
  const json::object found = json::parse(watched.out).as_object();
  EXPECT_TRUE(found.at("pid").is_null());
  ASSERT_EQ(found.at("members").as_array().size(), 2u) << watched.out;
  std::int64_t grown = 0;
  for (const json::value &member : found.at("members").as_array())
    grown += member.at("live_bytes_after").as_int64() - member.at("live_bytes_before").as_int64();
  EXPECT_EQ(found.at("live_bytes_after").as_int64() - found.at("live_bytes_before").as_int64(), grown);
  ASSERT_EQ(found.at("not_watched").as_array().size(), 2u) << watched.out;
  const json::object place = place_of(found, "keep_headers(int)");
  ASSERT_FALSE(place.empty()) << watched.out;
  EXPECT_EQ(place.at("verdict"), "held_and_growing");
  EXPECT_EQ(place.at("processes"), 2);
  const auto most = place.at("most_in_pid").as_int64();
  EXPECT_TRUE(most == one->pid() || most == other->pid()) << most;
}

TEST_F(GrowthVerb, SaysInHowManyOfSeveral) {
  const auto one = another("every"), other = another("every");
  const std::vector<std::string> parts = {"keeps_blocks: 2 processes: watched for",
                                          "in 2 of 2 processes, most in keeps_blocks ("};
  const Outcome outcome = long_enough(
      2, {one->pid(), other->pid()},
      [&](const std::string &growth) {
        return playground_.run({"leaks", "keeps_blocks", growth});
      },
      [&](const Outcome &taken) { return told_in(taken, parts); });
  EXPECT_EQ(missing(outcome, parts), "") << outcome;
}

TEST_F(GrowthVerb, SaysWhyNoneOfSeveralIsWatched) {
  const auto one = another("off"), other = another("512K");
  const Outcome outcome = playground_.run({"leaks", "keeps_blocks", "--growth=1s"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("does not note that"), std::string::npos) << outcome;
  EXPECT_NE(outcome.err.find("notes samples only"), std::string::npos) << outcome;
  EXPECT_NE(outcome.err.find("no process of it was watched"), std::string::npos) << outcome;
}

}  // namespace
