// SPDX-License-Identifier: MIT
//
// Targets that are not to be read: one line each, with the reason.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "support/meter.h"
#include "tools/fake_server.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

class BadTarget : public ::testing::Test {
 protected:
  void expect_error(const std::string &target, const std::string &reason, const char *verb = "stat") const {
    const Outcome outcome = playground_.run({verb, target});
    EXPECT_EQ(outcome.exit_code, 1) << outcome;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(reason), std::string::npos) << outcome;
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome;
  }
  Playground playground_;
};

TEST_F(BadTarget, IsNoProcess) {
  expect_error("4194305", "there is no process 4194305");
  expect_error("99999999999999999999", "no process id");
  expect_error("0", "no process id");
  expect_error("no-such-name", "no metered process is named 'no-such-name'");
  expect_error("no-such*", "this takes one process, and 'no-such*' may be several", "account");
  expect_error("no-such.slice", "this takes one process, and 'no-such.slice' may be several", "account");
  expect_error("/bin/true", "/bin/true is a program, no process; heapmeter run -- /bin/true starts it");
}

TEST_F(BadTarget, IsNotMetered) { expect_error(std::to_string(getpid()), "is not metered"); }

TEST_F(BadTarget, HasTheLibraryButNoSocket) {
  playground_.set("HEAPMETER_SERVE", "off");
  Command command = playground_.command({});
  command.argv = {sample("holder_of_bytes"), "10", "10"};
  command.environment["LD_PRELOAD"] = library();
  const Process process(command);
  ASSERT_TRUE(eventually([&] { return process.out() == "ready\n"; }));
  expect_error(std::to_string(process.pid()), "HEAPMETER_SERVE=off");
}

TEST_F(BadTarget, IsAFileThatIsNoSocket) {
  expect_error("/etc/passwd", "not a socket");
  expect_error("/nonexistent/1-1.sock", "there is no socket");
}

TEST_F(BadTarget, IsTheSocketOfADeadProcess) {
  const auto path = playground_.sockets() / "4194305-1.sock";
  { FakeServer server(path, say_nothing); }
  expect_error(path, "has ended");
}

TEST_F(BadTarget, IsSomebodyElse) {
  const auto path = playground_.sockets() / "4194305-1.sock";
  const FakeServer server(path, answer(http_answer("{\"hello\":\"world\"}")));
  expect_error(path, "not a snapshot");
}

TEST_F(BadTarget, IsAmbiguous) {
  const Holder one(playground_, {"1000", "50"}), two(playground_, {"10", "10"});
  expect_error("holder_of_bytes", "2 metered processes are named 'holder_of_bytes'", "account");
  expect_error("holder_of_bytes", one.pid_text() + " (48.8 KiB live", "account");
  expect_error("holder_of_bytes", two.pid_text() + " (100 B live", "account");
}

TEST_F(BadTarget, BelongsToSomebodyElse) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  const Holder holder(playground_, {"10", "10"});
  Command command = playground_.command({});
  command.environment.erase("HEAPMETER_DIR");
  command.argv = {"setpriv", "--reuid", "65534", "--clear-groups", tool(), "stat", holder.pid_text()};
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_NE(outcome.err.find("belongs to user root"), std::string::npos) << outcome;
}

TEST_F(BadTarget, IsFoundInADirectoryOfItsOwnAllTheSame) {
  const Holder holder(playground_, {"1000", "50"});
  playground_.set("HEAPMETER_DIR", playground_ / "elsewhere");
  const Outcome outcome = playground_.run({"stat", holder.pid_text()});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_NE(outcome.out.find("50 blocks"), std::string::npos) << outcome;
}

}  // namespace
