// SPDX-License-Identifier: MIT
//
// The verb on a living program whose losses are known.
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <fstream>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

constexpr std::int64_t kLost = 40, kBytes = 333;
// Of its one thread, which sleeps.
constexpr std::int64_t kRegisters = 6;

std::int64_t number(const json::object &object, const char *name) {
  return object.at(name).to_number<std::int64_t>();
}

class LeaksVerb : public ::testing::Test {
 protected:
  void start(const std::string &mode) {
    Command command{{sample("loses_blocks")}};
    command.environment = playground_.environment();
    command.environment["LD_PRELOAD"] = library();
    command.environment["HEAPMETER_SAMPLE"] = mode;
    process_ = std::make_unique<Process>(command);
    ASSERT_TRUE(eventually([&] { return process_->out() == "lost\n"; })) << process_->err();
    socket_ = socket_of(playground_.sockets(), process_->pid());
  }
  Outcome leaks(std::vector<std::string> options) {
    options.insert(options.begin(), "leaks");
    options.push_back(socket_);
    return playground_.run(options);
  }
  json::object leaks_json(std::vector<std::string> options) {
    options.push_back("--json");
    const Outcome outcome = leaks(options);
    EXPECT_TRUE(outcome.ok()) << outcome;
    return json::parse(outcome.out).as_object();
  }
  // Of the size that is lost.
  static std::int64_t blocks(const json::object &found) {
    std::int64_t sum = 0;
    for (const json::value &row : found.at("lost").as_array()) {
      const json::object &one = row.as_object();
      if (number(one, "bytes") == number(one, "blocks") * kBytes) sum += number(one, "blocks");
    }
    return sum;
  }

  Playground playground_;
  std::unique_ptr<Process> process_;
  std::string socket_;
};

TEST_F(LeaksVerb, FindsWhatIsLostAndNothingThatIsHeld) {
  start("off");
  const json::object found = leaks_json({"--wait", "0.1"});
  EXPECT_EQ(blocks(found), kLost) << found;
  EXPECT_EQ(found.at("lost").as_array().size(), 1u) << "those that are held are not lost: " << found;
  EXPECT_EQ(number(found, "lost_blocks"), kLost - kRegisters);
  EXPECT_EQ(number(found, "perhaps_in_registers_blocks"), kRegisters);
  EXPECT_EQ(number(found, "lost_bytes"), (kLost - kRegisters) * kBytes);
  EXPECT_EQ(number(found, "looks"), 2);
  EXPECT_EQ(found.at("lost").at(0).at("block_bytes"), kBytes);
}

TEST_F(LeaksVerb, NamesTheCodeThatLostThem) {
  start("every");
  const json::object found = leaks_json({"--once"});
  const json::object &row = found.at("lost").at(0).as_object();
  EXPECT_EQ(number(row, "blocks"), kLost) << found;
  EXPECT_EQ(row.at("frames").at(0).at("function"), "block_of(unsigned long)");
  EXPECT_EQ(row.at("frames").at(1).at("function"), "lose_headers()");
  EXPECT_EQ(number(found, "looks"), 1);
  const Outcome text = leaks({"--once"});
  EXPECT_NE(text.out.find("lose_headers()"), std::string::npos) << text;
  EXPECT_NE(text.out.find("34-40"), std::string::npos) << text;
}

TEST_F(LeaksVerb, TakesSeveralAndNamesWhoWasNotLookedAt) {
  start("every");
  const auto first = std::move(process_);
  start("every");
  Command silent{{sample("loses_blocks")}};
  silent.environment = playground_.environment();
  silent.environment["LD_PRELOAD"] = library();
  silent.environment["HEAPMETER_SERVE"] = "off";
  const Process unserved(silent);
  ASSERT_TRUE(eventually([&] { return unserved.out() == "lost\n"; })) << unserved.err();
  const std::vector<std::string> ask = {"leaks",  "loses_blocks", "--below", std::to_string(getpid()),
                                        "--wait", "0.1"};
  const auto with = [&](const std::string &more) {
    std::vector<std::string> arguments = ask;
    arguments.push_back(more);
    return playground_.run(arguments);
  };
  const Outcome outcome = with("--json");
  ASSERT_TRUE(outcome.ok()) << outcome;
  const json::object all = json::parse(outcome.out).as_object();
  EXPECT_EQ(number(all, "lost_blocks"), 2 * (kLost - kRegisters)) << all;
  EXPECT_EQ(number(all, "perhaps_in_registers_blocks"), 2 * kRegisters) << all;
  ASSERT_EQ(all.at("members").as_array().size(), 2u) << all;
  for (const json::value &member : all.at("members").as_array()) {
    EXPECT_EQ(blocks(member.as_object()), kLost) << all;
    EXPECT_EQ(number(member.as_object(), "looks"), 2) << all;
  }
  ASSERT_EQ(all.at("not_looked_at").as_array().size(), 1u) << all;
  EXPECT_EQ(all.at("not_looked_at").at(0).at("pid"), unserved.pid()) << all;
  EXPECT_NE(all.at("not_looked_at").at(0).at("why").as_string().find("HEAPMETER_SERVE"), std::string::npos);
  const Outcome text = with("--bytes");
  EXPECT_NE(text.out.find("loses_blocks --below " + std::to_string(getpid())), std::string::npos) << text;
  EXPECT_NE(text.out.find("lost: at least 68 blocks"), std::string::npos) << text;
  for (const pid_t pid : {first->pid(), process_->pid()})
    EXPECT_NE(text.out.find("\nloses_blocks (" + std::to_string(pid) + "): lost: at least 34 blocks"),
              std::string::npos)
        << text;
  EXPECT_NE(text.out.find("\n" + std::to_string(unserved.pid()) + " was not looked at: "), std::string::npos)
      << text;
  EXPECT_EQ(with("--growth").exit_code, 2);
  // Of one that is asked for by its name, likewise.
  first->signal(SIGKILL);
  ASSERT_TRUE(eventually([&] { return !first->running(); }));
  process_->signal(SIGKILL);
  ASSERT_TRUE(eventually([&] { return !process_->running(); }));
  const Outcome none = with("--json");
  EXPECT_EQ(none.exit_code, 1) << none;
  EXPECT_NE(none.err.find("HEAPMETER_SERVE"), std::string::npos) << none;
}

TEST_F(LeaksVerb, HasASiblingAtTheEndOfARun) {
  const Outcome text = playground_.run({"run", "--leaks", "--", sample("loses_blocks"), "end"});
  EXPECT_TRUE(text.ok()) << text;
  EXPECT_NE(text.err.find("13.0 KiB in 40 blocks"), std::string::npos) << text;
  EXPECT_NE(text.err.find("13.0 KiB in 40 blocks\n      block_of"), std::string::npos) << text;
  EXPECT_NE(text.err.find("\n      lose_headers"), std::string::npos) << text;
  const std::string file = playground_ / "summary";
  EXPECT_TRUE(
      playground_.run({"run", "--leaks", "--json", "--output", file, "--", sample("loses_blocks"), "end"})
          .ok());
  std::ifstream summary(file);
  const json::object found =
      json::parse(std::string(std::istreambuf_iterator<char>(summary), {})).as_object();
  EXPECT_EQ(number(found, "lost_blocks"), kLost);
  EXPECT_EQ(number(found, "lost_bytes"), kLost * kBytes);
  EXPECT_EQ(number(found, "perhaps_in_registers_blocks"), 0);
  const Outcome without = playground_.run({"run", "--", sample("loses_blocks"), "end"});
  EXPECT_EQ(without.err.find("lost"), std::string::npos) << without;
}

json::object run_json(const Playground &playground, std::vector<std::string> options,
                      std::vector<std::string> command) {
  const std::string file = playground / "summary";
  options.insert(options.begin(), {"run", "--leaks", "--json", "--output", file});
  options.push_back("--");
  options.insert(options.end(), command.begin(), command.end());
  const Outcome outcome = playground.run(options);
  EXPECT_TRUE(outcome.ok()) << outcome;
  return json::parse(read_file(file)).as_object();
}

TEST_F(LeaksVerb, AtTheEndOfARunNamesTheCodeOfAllThatItStarted) {
  const std::string twice =
      sample("loses_blocks").string() + " end; " + sample("loses_blocks").string() + " end";
  const json::object found = run_json(playground_, {}, {"bash", "-c", twice + "; true"});
  EXPECT_EQ(number(found, "lost_blocks"), 2 * kLost);
  const json::array &rows = found.at("lost").as_array();
  ASSERT_EQ(rows.size(), 1u) << "the same code in both: " << rows;
  EXPECT_EQ(number(rows[0].as_object(), "blocks"), 2 * kLost);
  EXPECT_EQ(rows[0].at("frames").at(0).at("function"), "block_of(unsigned long)");
  EXPECT_EQ(rows[0].at("frames").at(1).at("function"), "lose_headers()");
}

TEST_F(LeaksVerb, AtTheEndOfARunSaysThatNothingWasFoundAndNoMore) {
  const Outcome text = playground_.run({"run", "--leaks", "--", "true"});
  EXPECT_NE(text.err.find("lost                 none found among "), std::string::npos) << text;
  EXPECT_EQ(text.err.find("lost:"), std::string::npos) << text;
  EXPECT_EQ(text.err.find("no leak"), std::string::npos) << text;
}

TEST_F(LeaksVerb, LeavesOutWhatIsSuppressed) {
  const std::string rules = playground_ / "rules";
  write_file(rules, "# mine\nleak:lose_headers\nleak:nothing_of_the_kind\n");
  const Outcome text = playground_.run(
      {"run", "--suppressions", rules, "--fail-if", "lost>0", "--", sample("loses_blocks"), "end"});
  EXPECT_EQ(text.exit_code, 0) << text;
  EXPECT_NE(text.err.find("suppressed: 13.0 KiB in 40 blocks\n"), std::string::npos) << text;
  EXPECT_NE(text.err.find("by " + rules + ":2 (lose_headers)"), std::string::npos) << text;
  EXPECT_NE(text.err.find("suppressed nothing: " + rules + ":3\n"), std::string::npos) << text;
  start("every");
  const json::object found = leaks_json({"--once", "--suppressions", rules});
  EXPECT_EQ(number(found, "lost_blocks"), 0) << found;
  EXPECT_EQ(number(found, "suppressed_blocks"), kLost);
  EXPECT_EQ(found.at("suppressed").at(0).at("rule"), "lose_headers");
  const Outcome shown = leaks({"--once", "--suppressions", rules});
  EXPECT_NE(shown.out.find(": no block but suppressed ones was found that nothing points at, of 50"),
            std::string::npos)
      << shown;
}

TEST_F(LeaksVerb, NeverSuppressesWhatHasNoStack) {
  start("off");
  const std::string rules = playground_ / "rules";
  write_file(rules, "{\n all\n Memcheck:Leak\n ...\n}\n");
  EXPECT_EQ(blocks(leaks_json({"--once", "--suppressions", rules})), kLost);
}

TEST_F(LeaksVerb, MakesRulesThatSuppressWhatIsLost) {
  const std::string rules = playground_ / "rules";
  json::object found = run_json(playground_, {"--gen-suppressions", rules}, {sample("loses_blocks"), "end"});
  EXPECT_EQ(number(found, "lost_blocks"), kLost);
  EXPECT_NE(read_file(rules).find("   fun:_Z12lose_headersv\n"), std::string::npos) << read_file(rules);
  found = run_json(playground_, {"--suppressions", rules}, {sample("loses_blocks"), "end"});
  EXPECT_EQ(number(found, "lost_blocks"), 0);
  EXPECT_EQ(number(found, "suppressed_blocks"), kLost);
  start("every");
  EXPECT_EQ(number(leaks_json({"--once", "--suppressions", rules}), "suppressed_blocks"), kLost);
  const std::string alive = playground_ / "alive";
  leaks_json({"--once", "--gen-suppressions", alive});
  EXPECT_EQ(read_file(alive), read_file(rules));
}

TEST_F(LeaksVerb, RefusesRulesThatAreNone) {
  const std::string rules = playground_ / "rules";
  write_file(rules, "leak:a\nrace:b\n");
  const Outcome outcome = playground_.run({"run", "--suppressions", rules, "--", "echo", "started"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find(rules + ":2: 'race:b' is no rule; write leak:PATTERN"), std::string::npos)
      << outcome;
  const Outcome nowhere =
      playground_.run({"run", "--gen-suppressions", playground_ / "absent/rules", "--", "echo", "started"});
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_EQ(nowhere.out, "") << "told before the program starts";
  start("off");
  EXPECT_EQ(leaks({"--suppressions", playground_ / "absent"}).exit_code, 2);
  EXPECT_EQ(leaks({"--gen-suppressions", playground_ / "absent/rules"}).exit_code, 2);
}

// What a user has written is not lost for a mistake of his, or a process that is no more.
TEST_F(LeaksVerb, KeepsTheFileOfRulesUntilThereAreSome) {
  start("every");
  const std::string rules = playground_ / "rules", none = playground_ / "none";
  const std::string kept = "leak:lose_headers\n";
  write_file(rules, kept);
  const Outcome both = leaks({"--once", "--suppressions", rules, "--gen-suppressions", rules});
  EXPECT_EQ(both.exit_code, 2) << both;
  EXPECT_NE(both.err.find("would write over the rules of --suppressions, " + rules), std::string::npos)
      << both;
  const auto several = playground_.run(
      {"leaks", "loses_blocks", "--below", std::to_string(getpid()), "--gen-suppressions", rules});
  EXPECT_EQ(several.exit_code, 2) << several;
  EXPECT_NE(several.err.find("--gen-suppressions is for one process"), std::string::npos) << several;
  EXPECT_EQ(playground_.run({"leaks", "2147483646", "--gen-suppressions", rules}).exit_code, 1);
  EXPECT_EQ(playground_.run({"leaks", "2147483646", "--gen-suppressions", none}).exit_code, 1);
  EXPECT_EQ(read_file(rules), kept);
  EXPECT_FALSE(std::filesystem::exists(none));
}

TEST_F(LeaksVerb, SaysWhyItMadeNoRule) {
  start("off");
  const std::string rules = playground_ / "rules";
  const Outcome outcome = leaks({"--once", "--gen-suppressions", rules});
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_NE(outcome.err.find(rules + " has no rule: of nothing that is lost"), std::string::npos) << outcome;
  EXPECT_EQ(read_file(rules), "");
}

TEST_F(LeaksVerb, TellsWhereOneIsThatIsNotFoundByItsName) {
  EXPECT_EQ(
      playground_.run({"leaks"}).err,
      "heapmeter: no TARGET is given (a pid, a name, a pattern, a socket's path; or --below, --cgroup)\n")
      << "and of nobody else";
  start("off");
  const Playground elsewhere;
  const Outcome outcome = elsewhere.run({"leaks", "loses_blocks", "--below", std::to_string(getpid())});
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_NE(outcome.err.find("has its socket where its own environment says, " + socket_ + ": give its pid"),
            std::string::npos)
      << outcome;
}

TEST_F(LeaksVerb, SaysWhatToDoWhereContentsMayNotBeRead) {
  // Nor has root in a container that was given none.
  if (geteuid() != 0 || prctl(PR_CAPBSET_READ, CAP_SYS_PTRACE) != 1)
    GTEST_SKIP() << "only root has rights that it can leave to the other process alone";
  start("off");
  Command command = playground_.command({"leaks", "--once", "--contents", socket_});
  const std::vector<std::string> without = {program("setpriv"), "--bounding-set=-sys_ptrace",
                                            "--inh-caps=-sys_ptrace"};
  command.argv.insert(command.argv.begin(), without.begin(), without.end());
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << outcome;
  const std::string words = unfolded(outcome.out);
  EXPECT_NE(words.find("Contents could not be read: only who may trace it may: "), std::string::npos)
      << outcome;
  EXPECT_NE(words.find("run this as root"), std::string::npos) << outcome;
}

TEST_F(LeaksVerb, ShowsContentsOnlyWhereTheyAreAskedFor) {
  start("off");
  json::object found = leaks_json({"--once"});
  EXPECT_FALSE(found.at("lost").at(0).as_object().contains("contents"));
  found = leaks_json({"--once", "--contents"});
  const std::string contents(found.at("lost").at(0).at("contents").as_string());
  const Outcome text = leaks({"--once", "--contents"});
  if (contents.empty()) {  // the kernel does not let us
    EXPECT_NE(text.out.find("Contents could not be read: "), std::string::npos) << text;
    return;
  }
  EXPECT_EQ(contents, std::string(32, '0'));
  EXPECT_NE(text.out.find("00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................"),
            std::string::npos)
      << text;
}

TEST_F(LeaksVerb, LeavesTheProcessAsItWas) {
  start("off");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(blocks(leaks_json({"--wait", "0"})), kLost);
  EXPECT_TRUE(process_->running());
  EXPECT_EQ(process_->out(), "lost\n");
  EXPECT_EQ(process_->err(), "");
}

TEST_F(LeaksVerb, IsInEveryReadingFromThenOn) {
  start("off");
  const auto reading = [&] {
    return json::parse(playground_.run({"stat", socket_, "--json"}).out).as_object();
  };
  EXPECT_FALSE(reading().contains("last_look"));
  leaks({"--once"});
  const json::object after = reading();
  ASSERT_TRUE(after.contains("last_look")) << after;
  const json::object &last = after.at("last_look").as_object();
  EXPECT_EQ(number(last, "lost_blocks") + number(last, "perhaps_in_registers_blocks"), kLost);
  EXPECT_LE(number(last, "monotonic_ns"), number(after, "monotonic_ns"));
  EXPECT_TRUE(last.contains("pause_seconds")) << last;
}

TEST_F(LeaksVerb, SaysWhatIsWrongWithWhatItIsGiven) {
  start("off");
  for (const std::vector<std::string> &options :
       {std::vector<std::string>{"--wait", "-1"}, {"--wait", "x"}, {"-n", "0"}, {"--depth", "0"}}) {
    const Outcome outcome = leaks(options);
    EXPECT_EQ(outcome.exit_code, 2) << options.at(0) << ": " << outcome;
    EXPECT_EQ(outcome.out, "");
  }
}

}  // namespace
