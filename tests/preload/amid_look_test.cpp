// SPDX-License-Identifier: MIT
//
// Looks at living programs, asked for over the socket: others are answered meanwhile, and whatever the
// program, the reader or the kernel does in the middle of one, the program goes on as if there was none.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <boost/json/object.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "support/caught_look.h"
#include "support/meter.h"

namespace heapmeter::testing {
namespace {

Answer ask(const std::filesystem::path &socket) {
  Connection connection(socket);
  connection.send(kAskForALook);
  return parse_answer(connection.receive_all(std::chrono::seconds(120)));
}

std::string error_of(const Answer &answer) {
  return std::string(answer.json().as_object().at("error").as_string());
}

class AmidALook : public ::testing::Test {
 protected:
  void start(const std::string &kind, Environment more = {}, const std::string &function = "") {
    start_alone(kind, std::move(more), function);
    look_ = std::make_unique<CaughtLook>(process_->pid(), socket_);
  }
  void start_alone(const std::string &kind, Environment more, const std::string &function) {
    Command command{{victim("amid_look"), kind, function}};
    command.environment = meter_.environment();
    command.environment.insert(more.begin(), more.end());
    process_ = std::make_unique<Process>(command);
    ASSERT_TRUE(eventually([&] { return process_->out() == "ready\n"; })) << process_->err();
    socket_ = meter_.socket_of(process_->pid());
  }
  void act() {
    process_->signal(SIGUSR1);
    EXPECT_TRUE(eventually([&] { return process_->out() == "ready\ndone\n"; })) << "it is held up";
  }
  Answer answer() { return parse_answer(look_->reader().receive_all(std::chrono::seconds(120))); }
  void expect_image_gone() {
    EXPECT_TRUE(eventually([&] { return has_ended(look_->image()); }));
  }
  // Who was just executed may not listen yet, at a socket of the same name.
  void expect_looks_again() {
    std::optional<Answer> again;
    std::string refusal;
    EXPECT_TRUE(eventually([&] {
      try {
        again = ask(meter_.socket_of(process_->pid()));
      } catch (const std::system_error &refused) {
        refusal = refused.what();
      }
      return again.has_value();
    })) << refusal;
    ASSERT_TRUE(again);
    EXPECT_EQ(again->status, 200) << again->body;
  }
  void expect_good_end() {
    process_->signal(SIGTERM);
    const Outcome outcome = process_->wait();
    EXPECT_TRUE(outcome.ok()) << outcome;
    EXPECT_EQ(outcome.err, "");
  }

  Meter meter_;
  std::unique_ptr<Process> process_;
  std::filesystem::path socket_;
  std::unique_ptr<CaughtLook> look_;
};

TEST_F(AmidALook, OthersAreAnsweredAndNoSecondOneIsTaken) {
  start("");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(get(socket_, "/v1/snapshot").status, 200);
  const Answer second = ask(socket_);
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(error_of(second), "another look is under way");
  look_->go_on();
  EXPECT_EQ(answer().status, 200);
  expect_image_gone();
  expect_looks_again();
  expect_good_end();
}

TEST_F(AmidALook, WhoLeavesTakesItWithHim) {
  start("");
  look_->hang_up();
  expect_image_gone();
  EXPECT_TRUE(eventually([&] { return children_of(process_->pid()).empty(); }));
  expect_looks_again();
  expect_good_end();
}

TEST_F(AmidALook, WhoSaysNoMoreStillGetsTheAnswer) {
  start("");
  look_->reader().finish_sending();
  EXPECT_EQ(get(socket_, "/v1/snapshot").status, 200);
  look_->go_on();
  EXPECT_EQ(answer().status, 200);
  expect_good_end();
}

TEST_F(AmidALook, AKilledImageIsToldOf) {
  start("");
  kill(look_->image(), SIGKILL);
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
  for (pid_t one : children_of(process_->pid())) child = one == look_->image() ? child : one;
  ASSERT_NE(child, 0);
  EXPECT_EQ(ask(meter_.socket_of(child)).status, 200);
  look_->go_on();
  EXPECT_EQ(answer().status, 200);
  expect_good_end();
}

class ExecutedAmidALook : public AmidALook, public ::testing::WithParamInterface<const char *> {};

TEST_P(ExecutedAmidALook, GoesItsOwnWay) {
  start("by", {}, GetParam());
  process_->signal(SIGUSR1);
  EXPECT_TRUE(eventually([&] { return process_->out() == "ready\nagain\n"; })) << process_->err();
  expect_image_gone();
  EXPECT_EQ(state_of(look_->image()), ' ') << "nobody waits for it any more";
  expect_looks_again();
  EXPECT_TRUE(eventually([&] { return children_of(process_->pid()).empty(); }));
  expect_good_end();
}

INSTANTIATE_TEST_SUITE_P(By, ExecutedAmidALook,
                         ::testing::Values("execl", "execlp", "execle", "execv", "execvp", "execve",
                                           "execvpe", "fexecve", "execveat", "execveat_of_descriptor",
                                           "syscall_execve", "syscall_execveat", "execv_in_a_thread",
                                           "execl_of_many"),
                         [](const auto &function) { return std::string(function.param); });

// Another process: the look goes on, and its image is not among those that the program waits for.
class StartedAmidALook : public AmidALook, public ::testing::WithParamInterface<const char *> {};

TEST_P(StartedAmidALook, LeavesItAlone) {
  start("start", {}, GetParam());
  act();
  EXPECT_FALSE(has_ended(look_->image()));
  look_->go_on();
  EXPECT_EQ(answer().status, 200);
  expect_image_gone();
  EXPECT_TRUE(eventually([&] { return children_of(process_->pid()).empty(); }));
  expect_looks_again();
  expect_good_end();
}

INSTANTIATE_TEST_SUITE_P(By, StartedAmidALook,
                         ::testing::Values("posix_spawn", "posix_spawnp", "fork", "system", "popen"),
                         [](const auto &function) { return std::string(function.param); });

// Nobody tells the meter. The thread that made the image is gone: it ends, by the kernel or by itself. Until
// the program ends it is a dead child that only __WALL and the list of children show: not wait, by which the
// program makes sure at its end.
TEST_F(AmidALook, AProgramExecutedPastLibcGoesItsOwnWay) {
  start("exec_past_libc");
  process_->signal(SIGUSR1);
  EXPECT_TRUE(eventually([&] { return process_->out() == "ready\nagain\n"; })) << process_->err();
  look_->go_on();
  expect_image_gone();
  expect_looks_again();
  expect_good_end();
}

pid_t service_thread_of(pid_t pid) {
  for (const auto &task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task"))
    if (read_file(task.path() / "comm") == "heapmeter\n") return std::stoi(task.path().filename());
  return 0;
}

// The thread that made it gets no processor any more, as on a crowded machine, and the image has not had its
// first: nobody sees it off, and it does not know yet that it is to end with that thread.
TEST_F(AmidALook, AnImageWhoseMakerStandsStillIsEndedByWhoLeaves) {
  start_alone("by", {}, "execv");
  const pid_t service = service_thread_of(process_->pid());
  ASSERT_NE(service, 0);
  if (ptrace(PTRACE_SEIZE, service, nullptr, PTRACE_O_TRACECLONE) != 0)
    GTEST_SKIP() << "no thread may be traced here";
  Connection reader(socket_);
  reader.send(kAskForALook);
  int status = 0;
  ASSERT_EQ(waitpid(service, &status, __WALL), service);
  ASSERT_EQ(status >> 8, SIGTRAP | (PTRACE_EVENT_CLONE << 8));
  unsigned long born = 0;
  ASSERT_EQ(ptrace(PTRACE_GETEVENTMSG, service, nullptr, &born), 0);
  const auto image = static_cast<pid_t>(born);
  ASSERT_EQ(waitpid(image, &status, __WALL), image);
  ASSERT_EQ(kill(image, SIGSTOP), 0);
  ASSERT_EQ(ptrace(PTRACE_DETACH, image, nullptr, 0), 0);
  EXPECT_TRUE(eventually([&] { return state_of(image) == 'T'; }));
  process_->signal(SIGUSR1);
  EXPECT_EQ(waitpid(service, &status, __WALL), service) << "ends with the program";
  EXPECT_TRUE(eventually([&] { return process_->out() == "ready\nagain\n"; })) << process_->err();
  EXPECT_TRUE(eventually([&] { return state_of(image) == ' '; })) << "state " << state_of(image);
  EXPECT_TRUE(children_of(process_->pid()).empty());
  kill(image, SIGKILL);
  expect_looks_again();
  expect_good_end();
}

TEST_F(AmidALook, AnExecutionThatFailsEndsItAndNoLaterOne) {
  start("exec_of_none");
  act();
  EXPECT_EQ(error_of(answer()), "the process becomes another program");
  expect_image_gone();
  expect_looks_again();
  expect_good_end();
}

TEST_F(AmidALook, WhatAChildExecutesInItsMemoryIsNotItsOwn) {
  start("vfork");
  act();
  EXPECT_NE(state_of(look_->image()), ' ');
  look_->go_on();
  EXPECT_EQ(answer().status, 200);
  expect_looks_again();
  expect_good_end();
}

TEST_F(AmidALook, TheOneAtExitIsTakenInItsPlace) {
  start("exit", {{"HEAPMETER_LEAKS", "exit"}});
  process_->signal(SIGUSR1);
  EXPECT_EQ(error_of(answer()), "the process ends");
  const Outcome outcome = process_->wait();
  EXPECT_TRUE(outcome.ok()) << outcome;
  expect_image_gone();
  const Reading report = meter_.report(process_->pid());
  const auto &leaks = report.fields().at("leaks").as_object();
  EXPECT_FALSE(leaks.contains("failure")) << leaks;
}

}  // namespace
}  // namespace heapmeter::testing
