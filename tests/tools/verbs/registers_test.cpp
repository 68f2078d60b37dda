// SPDX-License-Identifier: MIT
//
// leaks --registers: what a register holds is told from what none does, and a program whose threads are
// stopped for it sees nothing of that.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <heapmeter/protocol.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "support/caught_look.h"
#include "support/meter.h"
#include "system/registers.h"
#include "tools/fake_server.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

std::int64_t number(const json::object &object, const char *name) {
  return object.at(name).to_number<std::int64_t>();
}

// What is asked for on this connection.
std::string get(int connection) {
  std::string request;
  char letter = 0;
  while (!request.ends_with("\r\n\r\n") && read(connection, &letter, 1) == 1) request += letter;
  return request;
}

bool is_traced(pid_t pid) {
  const std::string status = read_file("/proc/" + std::to_string(pid) + "/status");
  return status.find("State:\tt") != status.npos;
}

class RegistersOption : public ::testing::Test {
 protected:
  void start(const std::string &name) {
    start(std::vector<std::string>{sample(name)});
    ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
  }
  void start(std::vector<std::string> words) {
    Command command{std::move(words)};
    command.environment = playground_.environment();
    command.environment["LD_PRELOAD"] = library();
    process_ = std::make_unique<Process>(command);
    socket_ = socket_of(playground_.sockets(), process_->pid());
  }
  Outcome leaks(std::vector<std::string> options) {
    options.insert(options.begin(), {"leaks", socket_});
    return playground_.run(options);
  }
  json::object leaks_json(std::vector<std::string> options) {
    options.push_back("--json");
    const Outcome outcome = leaks(options);
    EXPECT_TRUE(outcome.ok()) << outcome;
    return outcome.ok() ? json::parse(outcome.out).as_object() : json::object{};
  }
  // What it says to a request, from where its socket is now: another may stand in its place.
  std::function<std::string(const std::string &)> real_one() {
    const std::string moved = playground_ / "moved.sock";
    std::filesystem::rename(socket_, moved);
    return [moved](const std::string &request) {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      moved.copy(address.sun_path, sizeof address.sun_path - 1);
      const int real = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      EXPECT_EQ(connect(real, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
      send_text(real, request);
      std::string answer;
      char piece[4096];
      for (ssize_t bytes; (bytes = read(real, piece, sizeof piece)) > 0;)
        answer.append(piece, static_cast<std::size_t>(bytes));
      close(real);
      return answer;
    };
  }
  // A busy machine may not bring a thread to its stop in time, which is then left alone.
  json::object leaks_when_all_stood(const std::vector<std::string> &options) {
    json::object found;
    eventually([&] {
      found = leaks_json(options);
      return found.empty() || number(found, "registers_unread_threads") == 0;
    });
    return found;
  }

  Playground playground_;
  std::unique_ptr<Process> process_;
  std::string socket_;
};

TEST_F(RegistersOption, TellsWhatARegisterHoldsFromWhatNoneDoes) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "the program that keeps a pointer in a register is for x86-64";
#endif
  start("in_a_register");
  json::object found = leaks_json({"--once"});
  EXPECT_EQ(number(found, "lost_blocks"), 40 - 5) << "one register may hold the chain, five a block each";
  for (const char *looks : {"--once", "--wait=0.1"}) {
    found = leaks_when_all_stood({"--registers", looks});
    EXPECT_EQ(number(found, "lost_blocks"), 40) << found;
    EXPECT_EQ(number(found, "lost_bytes"), 40 * 333);
    EXPECT_EQ(number(found, "perhaps_in_registers_blocks"), 20);
    EXPECT_EQ(number(found, "registers_read_threads"), 1);
    EXPECT_EQ(number(found, "registers_unread_threads"), 0);
  }
}

// The meter's own thread is told by what nobody can imitate.
TEST_F(RegistersOption, AThreadThatIsCalledAsTheMetersIsReadAsAnyOther) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "the program that keeps a pointer in a register is for x86-64";
#endif
  start(std::vector<std::string>{sample("in_a_register"), "heapmeter"});
  ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
  const json::object found = leaks_when_all_stood({"--registers", "--once"});
  EXPECT_EQ(number(found, "lost_blocks"), 40) << found;
  EXPECT_EQ(number(found, "perhaps_in_registers_blocks"), 20);
  EXPECT_EQ(number(found, "registers_read_threads"), 2);
}

// The first copy only tells what there is to be read beforehand: the threads stand still until the one that
// counts.
TEST_F(RegistersOption, AProgramThatKeepsMemoryOutOfCopiesIsReadToo) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "the program that keeps a pointer in a register is for x86-64";
#endif
  start(std::vector<std::string>{sample("in_a_register"), "hiding", "hides"});
  ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
  const json::object found = leaks_json({"--registers", "--once"});
  EXPECT_EQ(number(found, "lost_blocks"), 40) << found;
  EXPECT_EQ(number(found, "perhaps_in_registers_blocks"), 20);
}

TEST_F(RegistersOption, RowsOfThreadsAreCaughtUpWith) {
  start("row_of_threads");
  std::int64_t looks = 0;
  // In each look a thread may have been stopped amid its making of the next, which allocates.
  EXPECT_TRUE(eventually([&] {
    const Outcome outcome = leaks({"--registers", "--once", "--json"});
    if (!outcome.ok()) {
      EXPECT_NE(outcome.err.find("amid a call"), std::string::npos) << outcome;
      return false;
    }
    const json::object found = json::parse(outcome.out).as_object();
    EXPECT_FALSE(found.at("registers_others_came").as_bool()) << found;
    EXPECT_GE(number(found, "registers_read_threads"), 2) << found;
    return ++looks == 3;
  })) << looks;
  EXPECT_TRUE(process_->running());
}

// It is not told of as of threads that were stopped amid a call.
TEST_F(RegistersOption, WhereTheThreadThatAnswersIsNotThereThatIsTold) {
  start("row_of_threads");
  const auto passes_on = [ask = real_one()](int connection) {
    std::string answer = ask(get(connection));
    const std::string name = "\"service_thread\":";
    std::size_t at = answer.find(name);
    for (at = at == answer.npos ? at : at + name.size(); at < answer.size() && isdigit(answer[at]); ++at)
      answer[at] = '9';
    send_text(connection, answer);
  };
  const FakeServer server(socket_, passes_on);
  const Outcome outcome = leaks({"--registers", "--once"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(unfolded(outcome.err).find("that answers was gone"), std::string::npos) << outcome;
}

// Two seconds are enough for one that somebody has stopped, who may never go on; not for one that is stopped
// by who asks.
TEST_F(RegistersOption, WhoIsStoppedForItIsWaitedForAsWhoRuns) {
  start("row_of_threads");
  bool was_stopped = false;
  const auto takes_its_time = [&, ask = real_one()](int connection) {
    const std::string request = get(connection);
    const bool is_look = request.starts_with("POST " HEAPMETER_PATH_LEAKS);
    if (is_look) was_stopped = is_traced(process_->pid());
    const std::string answer = ask(request);
    if (is_look) std::this_thread::sleep_for(std::chrono::milliseconds(2500));
    send_text(connection, answer);
  };
  const FakeServer server(socket_, takes_its_time);
  const Outcome outcome = leaks({"--registers", "--once"});
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_TRUE(was_stopped) << "else nothing was shown";
}

TEST_F(RegistersOption, WhereThereIsNoTimeToCatchUpThatIsTold) {
  start("row_of_threads");
  const auto others_came = [&] {
    return heapmeter::cli::Standstill(process_->pid(), 0, std::chrono::milliseconds(0)).end().others_came;
  };
  EXPECT_TRUE(eventually(others_came)) << "those whom somebody makes as it is stopped are found later";
}

TEST_F(RegistersOption, NoCallComesBackOtherThanItWould) {
  start("waits_in_calls");
  std::int64_t looks = 0, left_out = 0;
  for (int i = 0; i < 40; ++i) {
    const Outcome outcome = leaks({"--once", "--registers", "--json"});
    // Its threads come and go: a look may find its books half-way each time.
    if (!outcome.ok()) {
      EXPECT_NE(outcome.err.find("amid a call"), std::string::npos) << outcome;
      continue;
    }
    ++looks;
    left_out += number(json::parse(outcome.out).as_object(), "registers_unread_threads");
  }
  EXPECT_GE(looks, 20);
  EXPECT_GE(left_out, looks) << "epoll_wait, sigtimedwait, recv with a time limit are left alone";
  process_->signal(SIGTERM);
  const Outcome outcome = process_->wait();
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(outcome.out, "ready\nfine\n");
  EXPECT_EQ(outcome.err, "");
}

// Who is left alone may wake up, and have a pointer in any register when the image is made.
TEST_F(RegistersOption, OfWhoIsLeftAloneAllAreInDoubtIfHeRanMeanwhile) {
  start("polls");
  EXPECT_TRUE(eventually([&] {
    const json::object found = leaks_json({"--once", "--registers"});
    return number(found, "registers_unread_threads") == 1 &&
           number(found, "perhaps_in_registers_blocks") == 6;
  }));
  start(std::vector<std::string>{sample("polls"), "again"});
  ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
  EXPECT_TRUE(eventually([&] {
    const json::object found = leaks_json({"--once", "--registers"});
    return number(found, "registers_unread_threads") == 1 &&
           number(found, "perhaps_in_registers_blocks") == 15;
  }));
}

// The kernel goes on with it by another call, in which it stands from then on.
TEST_F(RegistersOption, ASleeperIsReadAgain) {
  start(std::vector<std::string>{program("sleep"), "600"});
  for (int i = 0; i < 3; ++i) {
    const json::object found = leaks_when_all_stood({"--registers", "--once"});
    EXPECT_EQ(number(found, "registers_read_threads"), 1) << found;
    EXPECT_EQ(number(found, "registers_unread_threads"), 0) << found;
  }
}

TEST_F(RegistersOption, EachOfManyThreadsIsRead) {
  start(std::vector<std::string>{sample("executes_when_traced"), "stays"});
  ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
  const json::object found = leaks_when_all_stood({"--registers", "--once"});
  EXPECT_EQ(number(found, "registers_unread_threads"), 0) << found;
  EXPECT_EQ(number(found, "registers_read_threads"), 2001) << found;
}

TEST_F(RegistersOption, SaysWhoTracesItAlready) {
  start("in_a_register");
  const pid_t pid = process_->pid();
  if (ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) != 0) GTEST_SKIP() << "nothing may be traced here";
  const Outcome outcome = leaks({"--once", "--registers"});
  EXPECT_EQ(outcome.exit_code, 1) << outcome;
  EXPECT_NE(outcome.err.find("traces it already"), std::string::npos) << outcome;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(leaks({"--once"}).ok()) << "without, it is looked at";
}

// It waits for all its threads to be gone, and whoever traces them is to say that it saw them end.
TEST_F(RegistersOption, AThreadMayExecuteAnotherProgramMeanwhile) {
  for (int i = 0; i < 5; ++i) {
    start("executes_when_traced");
    Command command = playground_.command({"leaks", socket_, "--once", "--registers"});
    Outcome tool;
    // On a busy machine it may be refused before it traces anybody.
    for (int tries = 0; tries < 10 && process_->running() && !tool.timed_out; ++tries) tool = run(command);
    EXPECT_FALSE(tool.timed_out) << tool;
    const Outcome outcome = process_->wait();
    EXPECT_TRUE(outcome.ok()) << outcome;
    EXPECT_EQ(outcome.out, "ready\nfine\n");
  }
}

// A thread that went into a call as it was stopped: nobody is left to let it go on with that. Signals stay.
TEST_F(RegistersOption, TheToolsDeathLetsAllGo) {
  start(std::vector<std::string>{sample("waits_in_calls"), "interrupted"});
  ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
  for (int milliseconds = 1; milliseconds < 25; ++milliseconds) {
    Command command = playground_.command({"leaks", socket_, "--once", "--registers"});
    Process tool(command);
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    tool.signal(SIGKILL);
    tool.wait();
  }
  EXPECT_TRUE(eventually([&] {
    std::ifstream status("/proc/" + std::to_string(process_->pid()) + "/status");
    const std::string text(std::istreambuf_iterator<char>(status), {});
    return text.find("TracerPid:\t0\n") != std::string::npos;
  }));
  process_->signal(SIGTERM);
  const Outcome outcome = process_->wait();
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(outcome.out, "ready\nfine\n");
  EXPECT_EQ(outcome.err, "");
}

}  // namespace
