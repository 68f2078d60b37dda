// SPDX-License-Identifier: MIT
//
// Looks at living programs, asked for over the socket: others are answered meanwhile, and whatever the
// program, the reader or the kernel does in the middle of one, the program goes on as if there was none.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/object.hpp>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "support/http.h"
#include "support/meter.h"

namespace heapmeter::testing {
namespace {

const std::string kAsk = "POST /v1/leaks HTTP/1.1\r\nHost: heapmeter\r\nHeapmeter: 1\r\n\r\n";

Answer ask(const std::filesystem::path &socket) {
  Connection connection(socket);
  connection.send(kAsk);
  return parse_answer(connection.receive_all(std::chrono::seconds(120)));
}

std::string error_of(const Answer &answer) {
  return std::string(answer.json().as_object().at("error").as_string());
}

// The children of all its threads.
std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> found;
  std::error_code gone;
  for (const auto &task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
    std::ifstream list(task.path() / "children");
    for (pid_t child = 0; list >> child;) found.push_back(child);
  }
  return found;
}

char state_of(pid_t pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(stat)), {});
  const auto behind = text.rfind(") ");
  return behind == std::string::npos ? ' ' : text[behind + 2];
}
bool has_ended(pid_t pid) { return state_of(pid) == ' ' || state_of(pid) == 'Z'; }

class AmidALook : public ::testing::Test {
 protected:
  void start(const std::string &kind, Environment more = {}) {
    Command command{{victim("amid_look"), kind}};
    command.environment = meter_.environment();
    command.environment.insert(more.begin(), more.end());
    process_ = std::make_unique<Process>(command);
    ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
    socket_ = meter_.socket_of(process_->pid());
    // Caught in the middle, and held there.
    for (int tries = 0; tries < 100 && !image_; ++tries) {
      reader_.emplace(socket_);
      reader_->send(kAsk);
      std::vector<pid_t> children;
      eventually([&] { return !(children = children_of(process_->pid())).empty(); }, std::chrono::seconds(5));
      for (pid_t child : children) {
        kill(child, SIGSTOP);
        if (eventually([&] { return state_of(child) == 'T' || has_ended(child); }) && state_of(child) == 'T')
          image_ = child;
      }
    }
    ASSERT_TRUE(image_) << "no look took long enough to be caught";
  }
  void act() {
    process_->signal(SIGUSR1);
    EXPECT_TRUE(eventually([&] { return process_->out() == "ready\ndone\n"; })) << "it is held up";
  }
  Answer answer() { return parse_answer(reader_->receive_all(std::chrono::seconds(120))); }
  void expect_image_gone() {
    EXPECT_TRUE(eventually([&] { return has_ended(*image_); }));
  }
  void expect_looks_again() {
    const Answer again = ask(meter_.socket_of(process_->pid()));
    EXPECT_EQ(again.status, 200) << again.body;
  }
  void expect_good_end() {
    process_->signal(SIGTERM);
    const Outcome outcome = process_->wait();
    EXPECT_TRUE(outcome.ok()) << outcome;
    EXPECT_EQ(outcome.err, "");
  }
  ~AmidALook() override {
    if (image_) kill(*image_, SIGCONT);
  }

  Meter meter_;
  std::unique_ptr<Process> process_;
  std::filesystem::path socket_;
  std::optional<Connection> reader_;
  std::optional<pid_t> image_;
};

TEST_F(AmidALook, OthersAreAnsweredAndNoSecondOneIsTaken) {
  start("");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get(socket_, "/v1/snapshot").status, 200);
  const Answer second = ask(socket_);
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(error_of(second), "another look is under way");
  kill(*image_, SIGCONT);
  EXPECT_EQ(answer().status, 200);
  expect_image_gone();
  expect_looks_again();
  expect_good_end();
}

TEST_F(AmidALook, WhoLeavesTakesItWithHim) {
  start("");
  reader_.reset();
  expect_image_gone();
  EXPECT_TRUE(eventually([&] { return children_of(process_->pid()).empty(); }));
  expect_looks_again();
  expect_good_end();
}

TEST_F(AmidALook, WhoSaysNoMoreStillGetsTheAnswer) {
  start("");
  reader_->finish_sending();
  EXPECT_EQ(get(socket_, "/v1/snapshot").status, 200);
  kill(*image_, SIGCONT);
  EXPECT_EQ(answer().status, 200);
  expect_good_end();
}

TEST_F(AmidALook, AKilledImageIsToldOf) {
  start("");
  kill(*image_, SIGKILL);
  const Answer told = answer();
  EXPECT_EQ(told.status, 409);
  EXPECT_EQ(error_of(told), "the look did not come to an end");
  expect_looks_again();
  expect_good_end();
}

TEST_F(AmidALook, AKilledProgramEndsIt) {
  start("");
  process_->signal(SIGKILL);
  EXPECT_EQ(process_->wait().signal, SIGKILL);
  expect_image_gone();
}

TEST_F(AmidALook, ACallThatDemandsOneThreadIsNotHeldUp) {
  start("unshare");
  act();
  expect_image_gone();
  expect_looks_again();
  expect_good_end();
}

TEST_F(AmidALook, ASandboxEndsIt) {
  start("sandbox");
  act();
  expect_image_gone();
  EXPECT_TRUE(children_of(process_->pid()).empty());
  expect_good_end();
}

TEST_F(AmidALook, AForkedChildIsLookedAtByItself) {
  start("fork");
  act();
  pid_t child = 0;
  for (pid_t one : children_of(process_->pid())) child = one == *image_ ? child : one;
  ASSERT_NE(child, 0);
  EXPECT_EQ(ask(meter_.socket_of(child)).status, 200);
  kill(*image_, SIGCONT);
  EXPECT_EQ(answer().status, 200);
  expect_good_end();
}

TEST_F(AmidALook, AnExecutedProgramGoesItsOwnWay) {
  start("exec");
  process_->signal(SIGUSR1);
  EXPECT_TRUE(eventually([&] { return process_->out() == "ready\nagain\n"; })) << process_->err();
  expect_image_gone();
  expect_looks_again();
  expect_good_end();
}

TEST_F(AmidALook, TheOneAtExitIsTakenInItsPlace) {
  start("exit", {{"HEAPMETER_LEAKS", "exit"}});
  process_->signal(SIGUSR1);
  const Outcome outcome = process_->wait();
  EXPECT_TRUE(outcome.ok()) << outcome;
  expect_image_gone();
  const Reading report = meter_.report(process_->pid());
  const auto &leaks = report.fields().at("leaks").as_object();
  EXPECT_FALSE(leaks.contains("failure")) << leaks;
}

}  // namespace
}  // namespace heapmeter::testing
