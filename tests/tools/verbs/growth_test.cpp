// SPDX-License-Identifier: MIT
//
// leaks --growth on a program that keeps what one place in it makes, and tells of it.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <map>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

class GrowthVerb : public ::testing::Test {
 protected:
  void start(const std::string &mode) {
    Command command{{sample("keeps_blocks")}};
    command.environment = playground_.environment();
    command.environment["LD_PRELOAD"] = library();
    command.environment["HEAPMETER_SAMPLE"] = mode;
    process_ = std::make_unique<Process>(command);
    ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
    socket_ = socket_of(playground_.sockets(), process_->pid());
  }
  Playground playground_;
  std::unique_ptr<Process> process_;
  std::string socket_;
};

TEST_F(GrowthVerb, FindsWhatIsHeldAndGrowing) {
  start("every");
  const Outcome outcome = playground_.run({"leaks", socket_, "--growth=4s", "--json"});
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
  const Outcome outcome = playground_.run({"leaks", socket_, "--growth=2s"});
  for (const char *part :
       {"held, and growing: 100 % of what keep_headers allocated in the first half is still there; ",
        "/s, interval ", " blocks born in the first half, in ", "keep_a_fifth",
        "watch longer to tell them apart"})
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << outcome;
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
  for (const char *time : {"--growth=0", "--growth=x", "--growth=5d", "--growth=-1s", "--growth=9999h"})
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

}  // namespace
