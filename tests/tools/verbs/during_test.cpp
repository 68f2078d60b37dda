// SPDX-License-Identifier: MIT
//
// heapmeter during, of a process that does just so much when it is told to.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "readings/load.h"
#include "support/meter.h"
#include "text/json_text.h"
#include "text/user_error.h"
#include "tools/tool.h"
#include "views/load.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

// The load: tells grower to, and waits until it did.
std::vector<std::string> load(const std::string &pid) {
  return {"--", "bash", "-c",
          "kill -USR2 " + pid + "; until " + tool().string() + " stat " + pid +
              " --json | grep -q '\"reallocations\":1,.*\"threads\":2,'; do sleep 0.02; done"};
}

class Grower {
 public:
  explicit Grower(const Playground &playground) {
    Command command{{sample("grower")}};
    command.environment = playground.environment();
    command.environment["LD_PRELOAD"] = library().string();
    process_ = std::make_unique<Process>(command);
    socket_of(playground.sockets(), process_->pid());
    if (!eventually([&] { return has(process_->out(), "ready\n"); })) throw std::runtime_error("not ready");
  }
  std::string pid() const { return std::to_string(process_->pid()); }

 private:
  std::unique_ptr<Process> process_;
};

TEST(During, IsExact) {
  const Playground playground;
  const Grower grower(playground);
  std::vector<std::string> arguments = {"during", grower.pid(), "--json", "--per", "10"};
  for (const std::string &word : load(grower.pid())) arguments.push_back(word);
  const Outcome outcome = playground.run(arguments);
  ASSERT_TRUE(outcome.ok()) << outcome;
  const auto result = boost::json::parse(outcome.out);
  const auto &middle = result.at("middle");
  EXPECT_EQ(middle.at("allocations").as_int64(), 37);
  EXPECT_EQ(middle.at("reallocations").as_int64(), 1);
  EXPECT_EQ(middle.at("allocated_bytes").as_int64(), 30 * 1000 + 5000 + 7 * 64);
  EXPECT_EQ(middle.at("kept_bytes").as_int64(), 30 * 1000 + 4900 + 7 * 64 - 10 * 100 - 2 * 48);
  EXPECT_EQ(result.at("kept").at(0).at("live_blocks_change").as_int64(), 30);
}

TEST(During, HasItsStandardOutputForItselfWithJson) {
  const Playground playground;
  const Holder holder(playground, {"10", "10"});
  const Outcome outcome = playground.run({"during", holder.pid_text(), "--json", "--", "echo", "words"});
  EXPECT_EQ(boost::json::parse(outcome.out).at("exit_code"), 0) << outcome;
  EXPECT_EQ(outcome.err, "words\n");
}

TEST(During, SaysWhatIsWrongWithADamagedLoad) {
  const Playground playground;
  const Holder holder(playground, {"10", "10"});
  const std::string load = playground / "load.json";
  ASSERT_TRUE(playground.run({"during", holder.pid_text(), "--save", load, "--", "true"}).ok());
  std::string text = read_file(load);
  text.replace(text.find("\"per\":1"), 7, "\"per\":[]");
  write_file(load, text);
  const Outcome outcome = playground.run({"during", holder.pid_text(), "--against", load, "--", "true"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(has(outcome.err, "is damaged: ")) << outcome;
  EXPECT_FALSE(has(outcome.err, "boost")) << outcome;
}

TEST(During, HasTheExitCodeOfTheCommand) {
  const Playground playground;
  const Holder holder(playground, {"10", "10"});
  const Outcome failed = playground.run(
      {"during", holder.pid_text(), "--save", playground / "load.json", "--", "bash", "-c", "exit 7"});
  EXPECT_EQ(failed.exit_code, 7) << failed;
  EXPECT_TRUE(has(failed.err, "it may have done less than usual")) << failed;
  EXPECT_FALSE(std::filesystem::exists(playground / "load.json"));
  const Outcome killed = playground.run({"during", holder.pid_text(), "--", "bash", "-c", "kill -9 $$"});
  EXPECT_EQ(killed.exit_code, 137) << killed;
  EXPECT_TRUE(has(killed.err, "bash was killed by SIGKILL: it may have done less than usual")) << killed;
  const Outcome json =
      playground.run({"during", holder.pid_text(), "--json", "--", "bash", "-c", "kill -9 $$"});
  EXPECT_TRUE(has(json.out, R"("exit_code":137,"signal":"SIGKILL")")) << json;
  EXPECT_EQ(playground.run({"during", holder.pid_text(), "--", "no_such_command"}).exit_code, 127);
  const Outcome without = playground.run({"during", holder.pid_text(), "true"});
  EXPECT_EQ(without.exit_code, 2) << without;
  EXPECT_EQ(playground.run({"during", "1999999", "--", "true"}).exit_code, 1);
}

TEST(During, ComparesWithOneThatWasKept) {
  Playground playground;
  playground.set("XDG_STATE_HOME", playground / "state");
  const Holder holder(playground, {"10", "10"});
  EXPECT_TRUE(
      playground.run({"during", holder.pid_text(), "--repeat", "3", "--save", "v1", "--", "true"}).ok());
  const Outcome again = playground.run({"during", holder.pid_text(), "--against", "v1", "--", "true"});
  EXPECT_TRUE(again.ok()) << again;
  EXPECT_TRUE(has(again.out, "v1")) << again;
  EXPECT_TRUE(has(again.out, "same")) << again;
  const Outcome never = playground.run({"during", holder.pid_text(), "--against", "v2", "--", "true"});
  EXPECT_EQ(never.exit_code, 1);
  EXPECT_TRUE(has(never.err, "there is no load 'v2'")) << never;
}

// A limit of a file's size stands for a full disk.
TEST(During, LeavesWhatWasKeptWhereThereIsNoRoomForMore) {
  const Playground playground;
  const Holder holder(playground, {"10", "10"});
  const auto kept = playground / "load.json";
  const std::vector<std::string> save = {"during", holder.pid_text(), "--repeat", "9", "--save", kept, "--",
                                         "true"};
  EXPECT_TRUE(playground.run(save).ok());
  const std::string before = read_file(kept);
  EXPECT_GT(before.size(), 1024u) << "too little for the limit";
  Command command = playground.command(save);
  const char *const kOneBlock = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
  command.argv.insert(command.argv.begin(), {"/bin/bash", "-c", kOneBlock, "-"});
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_TRUE(has(outcome.err, "load.json cannot be written: File too large")) << outcome;
  EXPECT_EQ(read_file(kept), before);
  std::size_t files = 0;
  for (const auto &entry : std::filesystem::directory_iterator(kept.parent_path()))
    files += entry.is_regular_file();
  EXPECT_EQ(files, 1u) << "nothing lies beside it";
}

Load load_of(std::vector<double> allocations, std::int64_t per) {
  Load load;
  load.process = "shop (25857)";
  load.name = "v1";
  load.per = per;
  for (const double each : allocations) {
    LoadCost cost;
    cost.seconds = 0.26;
    cost.allocations = each;
    cost.allocated_bytes = 76 * each;
    load.runs.push_back(cost);
  }
  return load;
}

TEST(Load, IsShownForEachRequestWithItsNoise) {
  const Load before = load_of({18'900, 18'892, 18'890}, 1000), now = load_of({23'800, 23'900, 23'850}, 1000);
  EXPECT_EQ(now.middle().allocations, 23'850);
  EXPECT_EQ(now.noise().allocations, 50);
  const std::string text = load_text(now, "load.sh", &before, Units{}, Paint(false), true);
  EXPECT_TRUE(has(text, "shop (25857) while load.sh ran 3 times: 0.26 s each\n")) << text;
  EXPECT_TRUE(has(text, "A RUN  ALL 3 RUNS  A REQUEST")) << text;
  EXPECT_TRUE(has(text, "allocations      23,850      71,550       23.9  ±0.21 %      18.9   +26 %\n"))
      << text;
  const std::string alone = load_text(load_of({10}, 1), "load.sh", nullptr, Units{}, Paint(false), true);
  EXPECT_TRUE(has(alone, "TOTAL\n")) << alone;
  EXPECT_FALSE(has(alone, "REQUEST")) << alone;
}

// A run beside a request would be no comparison.
TEST(Load, IsComparedByRunsWhereOneOfBothDoesNotTellItsRequests) {
  const Load runs = load_of({1000}, 1), requests = load_of({1000}, 100);
  const std::string text = load_text(runs, "x", &requests, Units{}, Paint(false), true);
  EXPECT_TRUE(has(text, "TOTAL        v1  CHANGE\n")) << text;
  EXPECT_TRUE(has(text, "allocations       1,000     1,000    same\n")) << text;
  const std::string other = load_text(requests, "x", &runs, Units{}, Paint(false), true);
  EXPECT_TRUE(has(other, "A REQUEST  v1, A RUN  CHANGE\n")) << other;
  EXPECT_TRUE(has(other, "         10      1,000    same\n")) << other;
}

TEST(Load, SaysOfWhatIsKeptWhetherItIsOfARunOrOfAll) {
  Load load = load_of({10, 10, 10, 10}, 1);
  ClassChange change;
  change.now.class_bytes = 1024;
  change.live_bytes = 4096;
  change.live_blocks = 4;
  add_kept(load.kept, {change});
  change.live_bytes = -1024;
  change.live_blocks = -1;
  add_kept(load.kept, {change});
  ASSERT_EQ(load.kept.size(), 1u);
  const std::string text = load_text(load, "x", nullptr, Units{}, Paint(false), true);
  EXPECT_TRUE(has(text, "A RUN  ALL 4 RUNS  BLOCKS A RUN  ALL 4 RUNS\n")) << text;
  EXPECT_TRUE(has(text, "+768 B   +3.00 KiB         +0.75          +3\n")) << text;
}

TEST(Load, SetsWhatCodeKeepsBesideWhatItKept) {
  Load before = load_of({10}, 10), now = load_of({10, 10}, 10);
  before.has_code = now.has_code = true;
  before.code = {{"put < serve", "put  cache.cpp:3 < serve", 10'240, 10},
                 {"log < serve", "log < serve", 5120, 5}};
  now.code = {{"put < serve", "put  cache.cpp:4 < serve", 40'960, 40}};
  const Load back = parse_load(json_text(load_json(now)), "file");
  ASSERT_TRUE(back.has_code);
  EXPECT_EQ(back.code.at(0).place, now.code[0].place);
  const std::string text = load_text(back, "x", &before, Units{}, Paint(false), false);
  EXPECT_TRUE(has(text, "KEPT A REQUEST  ALL 2 RUNS         v1  BY CODE\n")) << text;
  EXPECT_TRUE(has(text, "+2.00 KiB   +40.0 KiB  +1.00 KiB  put  cache.cpp:4 < serve\n")) << text;
  EXPECT_TRUE(has(text, "0 B         0 B     +512 B  log < serve\n")) << "no more: " << text;
}

TEST(During, FailsIfAConditionHolds) {
  Playground playground;
  playground.set("XDG_STATE_HOME", playground / "state");
  const Holder holder(playground, {"10", "10"});
  const auto during = [&](std::vector<std::string> options) {
    std::vector<std::string> arguments = {"during", holder.pid_text()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"--", "true"});
    return playground.run(arguments);
  };
  EXPECT_TRUE(during({"--save", "v1", "--fail-if", "allocations>0"}).ok());
  EXPECT_TRUE(during({"--against", "v1", "--fail-if", "kept_bytes>+5"}).ok());
  const Outcome failed = during({"--per", "10", "--fail-if", "kept_blocks_per_request>=0", "--json"});
  EXPECT_EQ(failed.exit_code, 3) << failed;
  EXPECT_TRUE(has(failed.err, "kept_blocks_per_request")) << failed;
  EXPECT_EQ(boost::json::parse(failed.out).at("failed").as_array().size(), 1u);
  EXPECT_EQ(during({"--fail-if", "lost>0"}).exit_code, 2) << "no figure of a load";
}

TEST(During, SaysWhichCodeKeeps) {
  Playground playground;
  Command command{{sample("grower")}};
  command.environment = playground.environment();
  command.environment["LD_PRELOAD"] = library().string();
  const Holder holder(playground, {"10", "10"});
  const Outcome refused = playground.run({"during", holder.pid_text(), "--sites", "--", "true"});
  EXPECT_EQ(refused.exit_code, 1) << refused;
  EXPECT_TRUE(has(refused.err, "--sample every")) << refused;
  command.environment["HEAPMETER_SAMPLE"] = "every";
  Process grower(command);
  socket_of(playground.sockets(), grower.pid());
  ASSERT_TRUE(eventually([&] { return has(grower.out(), "ready\n"); }));
  const std::string pid = std::to_string(grower.pid());
  std::vector<std::string> arguments = {"during", pid, "--sites", "--json"};
  for (const std::string &word : load(pid)) arguments.push_back(word);
  const Outcome outcome = playground.run(arguments);
  ASSERT_TRUE(outcome.ok()) << outcome;
  const auto kept = boost::json::parse(outcome.out);
  ASSERT_FALSE(kept.at("kept_by_code").as_array().empty()) << outcome;
  EXPECT_TRUE(has(std::string(kept.at("kept_by_code").at(0).at("place").as_string()), "grower")) << outcome;
  double bytes = 0;
  for (const auto &each : kept.at("kept_by_code").as_array())
    bytes += each.at("live_bytes_change").to_number<double>();
  EXPECT_EQ(bytes, kept.at("sum").at("kept_bytes").to_number<double>())
      << "attributed from the start: " << outcome;
}

TEST(Load, DoesNotCallNoiseAChange) {
  const Load before = load_of({100, 110, 120}, 1), now = load_of({105, 115, 125}, 1);
  EXPECT_TRUE(has(load_text(now, "x", &before, Units{}, Paint(false), false), "in the noise"))
      << "within both";
}

TEST(Load, IsReadBackAsItWasKept) {
  const Load load = load_of({1, 2.5}, 4);
  const Load back = parse_load(json_text(load_json(load)), "file");
  EXPECT_EQ(back.per, 4);
  ASSERT_EQ(back.runs.size(), 2u);
  EXPECT_EQ(back.middle().allocations, load.middle().allocations);
  for (const char *broken : {"", "{}", "[1]", R"({"format":"heapmeter load"})",
                             R"({"format":"heapmeter load","name":"","process":"","per":0,"runs":[]})"}) {
    EXPECT_THROW(parse_load(broken, "file"), UserError) << broken;
  }
}

}  // namespace
