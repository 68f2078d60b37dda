// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <chrono>

#include "support/caught_look.h"
#include "support/meter.h"
#include "tools/fake_server.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

boost::json::array listed(const Playground &playground) {
  const Outcome outcome = playground.run({"ps", "--json"});
  EXPECT_TRUE(outcome.ok()) << outcome;
  return boost::json::parse(outcome.out).as_array();
}

TEST(Ps, WithoutAnyProcessSaysHowToStartOne) {
  const Playground playground;
  const Outcome outcome = playground.run({"ps"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(has(outcome.out, "heapmeter run --")) << outcome;
  EXPECT_EQ(listed(playground), boost::json::array());
}

TEST(Ps, IsAsWideAsColumnsSaysWhereThereIsNoTerminal) {
  Playground playground;
  const Holder holder(playground, {"1000", "50", std::string(300, 'x')});
  const auto longest = [&] {
    const std::string out = playground.run({"ps"}).out;
    std::size_t most = 0;
    for (std::size_t at = 0, end; (end = out.find('\n', at)) != out.npos; at = end + 1)
      most = std::max(most, end - at);
    return most;
  };
  EXPECT_GT(longest(), 300u);
  playground.set("COLUMNS", "80");
  EXPECT_LE(longest(), 80u + std::string("…").size());
  playground.set("COLUMNS", "eighty");
  EXPECT_GT(longest(), 300u);
}

TEST(Ps, ListsWhatAProcessHolds) {
  const Playground playground;
  const Holder holder(playground, {"1000", "50"});
  const auto all = listed(playground);
  ASSERT_EQ(all.size(), 1u);
  const auto &one = all[0].as_object();
  EXPECT_EQ(one.at("pid").as_int64(), holder.pid());
  EXPECT_EQ(one.at("name"), "holder_of_bytes");
  EXPECT_EQ(one.at("live_bytes").as_int64(), 50'000);
  EXPECT_EQ(one.at("live_blocks").as_int64(), 50);
  EXPECT_EQ(one.at("answering"), true);
  EXPECT_GT(one.at("rss_bytes").as_int64(), 50'000);
  EXPECT_EQ(one.at("rates").at("allocations").to_number<double>(), 0);
  const Outcome shown = playground.run({"ps"});
  EXPECT_TRUE(has(shown.out, holder.pid_text() + "  holder_of_bytes")) << shown;
  EXPECT_TRUE(has(shown.out, "48.8 KiB")) << shown;
  EXPECT_TRUE(has(playground.run({"ps", "--bytes"}).out, " 50000 ")) << shown;
}

TEST(Ps, ShowsChildrenBelowTheirParents) {
  const Playground playground;
  const Holder holder(playground, {"10", "10", "forked"});
  boost::json::array all;
  ASSERT_TRUE(eventually([&] { return (all = listed(playground)).size() == 2; }));
  EXPECT_EQ(all[1].at("parent_pid").as_int64(), holder.pid());
  EXPECT_TRUE(has(playground.run({"ps"}).out, "  └─ holder_of_bytes"));
}

TEST(Ps, RemovesTheSocketsOfTheDead) {
  const Playground playground;
  std::string left;
  {
    const Holder holder(playground, {"10", "10"});
    left = holder.socket();
    holder.signal(SIGKILL);
    ASSERT_TRUE(eventually([&] { return kill(holder.pid(), 0) == 0; }));
  }
  ASSERT_TRUE(std::filesystem::exists(left));
  const Outcome outcome = playground.run({"ps"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_FALSE(has(outcome.err, "holder_of_bytes")) << outcome;
  EXPECT_FALSE(std::filesystem::exists(left));
}

// Counted, but in no list; the machine may have others.
TEST(Ps, SaysWhoIsMeteredAndNotListed) {
  Playground playground;
  const auto start = [](const Playground &where) {
    Command command{{sample("holder_of_bytes"), "1", "1"}};
    command.environment = where.environment();
    command.environment["LD_PRELOAD"] = library();
    auto process = std::make_unique<Process>(command);
    EXPECT_TRUE(eventually([&] { return process->out() == "ready\n"; })) << process->err();
    return process;
  };
  const Playground other;
  const auto elsewhere = start(other);
  Command on_a_terminal = playground.command({});
  on_a_terminal.argv = {program("script"), "-qec", "'" + tool().string() + "' ps", "/dev/null"};
  Outcome hint;
  EXPECT_TRUE(eventually([&] {
    return has((hint = run(on_a_terminal)).out, "whose HEAPMETER_DIR is another");
  })) << hint;
  playground.set("HEAPMETER_SERVE", "off");
  const auto unserved = start(playground);
  const std::string label = "holder_of_bytes (" + std::to_string(unserved->pid()) + ")";
  Outcome outcome;
  EXPECT_TRUE(eventually([&] {
    return has((outcome = playground.run({"ps"})).err, label + " is not listed: ");
  })) << outcome;
  EXPECT_TRUE(has(outcome.err, "HEAPMETER_SERVE=off")) << outcome;
  EXPECT_TRUE(has(playground.run({"ps", "--csv"}).err, label + " is not listed: "));
  const auto all = listed(playground);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].at("local_pid").as_int64(), unserved->pid());
  EXPECT_EQ(all[0].at("name"), "holder_of_bytes");
  EXPECT_TRUE(all[0].at("socket").is_null());
  EXPECT_EQ(all[0].at("answering"), false);
  EXPECT_TRUE(has(std::string(all[0].at("error").as_string()), "HEAPMETER_SERVE=off")) << all[0];
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_TRUE(has(outcome.out, geteuid() == 0 ? "No process can be read" : "No process of yours can be read"))
      << outcome;
}

TEST(Ps, TellsOthersThanRootThatThereMayBeProcessesOfOthers) {
  const Playground playground;
  Command command = playground.command({});
  command.argv = {tool(), "ps"};
  if (geteuid() == 0) {
    command.argv.insert(command.argv.begin(), {program("setpriv"), "--clear-groups",
                                               "--reuid=" + std::to_string(200'000 + getpid())});
  }
  command.environment.erase("HEAPMETER_DIR");
  const Outcome outcome = run(command);
  if (geteuid() != 0 && !has(outcome.out, "can be read")) GTEST_SKIP() << "this user has metered processes";
  EXPECT_TRUE(has(outcome.out, "No process of yours can be read, and those of others only root may"))
      << outcome;
}

// Old enough to be missed in the list, were it a process of the user's.
TEST(Ps, LeavesOutTheCopyThatALookIsTakenOf) {
  const Playground playground;
  const Holder holder(playground, {"300000", "300"});
  const CaughtLook look(holder.pid(), holder.socket());
  const auto caught = std::chrono::steady_clock::now();
  Outcome outcome = playground.run({"ps"});
  while (outcome.ok() && std::chrono::steady_clock::now() - caught < std::chrono::milliseconds(1500))
    outcome = playground.run({"ps"});
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_TRUE(has(outcome.out, "holder_of_bytes")) << outcome;
  EXPECT_FALSE(has(outcome.out + outcome.err, std::to_string(look.image()))) << outcome;
  const Outcome doctor = playground.run({"doctor", std::to_string(look.image())});
  EXPECT_TRUE(has(doctor.err, "is a copy of holder_of_bytes (" + holder.pid_text() + ")")) << doctor;
}

TEST(Ps, NamesThoseThatDoNotAnswerWithoutWaitingLong) {
  const Playground playground;
  const Holder stopped(playground, {"10", "10"}), other(playground, {"20", "20"});
  stopped.stop();
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = playground.run({"ps"});
  const auto took = std::chrono::steady_clock::now() - start;
  stopped.signal(SIGCONT);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(has(outcome.out, "holder_of_bytes (not answering)")) << outcome;
  EXPECT_TRUE(has(outcome.out, other.pid_text())) << outcome;
  EXPECT_LT(took, std::chrono::seconds(4));
}

TEST(Ps, SurvivesSomebodyElseAtASocket) {
  const Playground playground;
  const FakeServer garbage(playground.sockets() / "4194305-1.sock", answer("rubbish\r\n\r\n"));
  const FakeServer silent(playground.sockets() / "4194306-1.sock", say_nothing);
  const Holder holder(playground, {"10", "10"});
  const Outcome outcome = playground.run({"ps"});
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_TRUE(has(outcome.out, "not HTTP")) << outcome;
  EXPECT_TRUE(has(outcome.out, "not answering")) << outcome;
  EXPECT_TRUE(has(outcome.out, holder.pid_text() + "  holder_of_bytes")) << outcome;
}

TEST(Ps, RefusesADirectoryThatIsALink) {
  Playground playground;
  std::filesystem::create_directory_symlink(playground.sockets(), playground / "link");
  playground.set("HEAPMETER_DIR", playground / "link");
  const Outcome outcome = playground.run({"ps"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(has(outcome.err, "symbolic link")) << outcome;
}

}  // namespace
