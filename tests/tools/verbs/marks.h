// SPDX-License-Identifier: MIT
//
// A program that grows by known amounts between two readings, and the marks that are kept of it.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "support/meter.h"
#include "tools/tool.h"

namespace heapmeter::testing {

namespace json = boost::json;

inline bool has(const std::string &whole, const std::string &part) {
  return whole.find(part) != std::string::npos;
}

class Grower {
 public:
  explicit Grower(const Playground &playground, std::vector<std::string> words = {},
                  const std::string &report = "off") {
    Command command;
    command.argv = {sample("grower")};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    command.environment = playground.environment();
    command.environment["LD_PRELOAD"] = library();
    command.environment["HEAPMETER_REPORT"] = report;
    process_ = std::make_unique<Process>(command);
    says("ready\n");
    socket_of(playground.sockets(), process_->pid());
  }
  std::string pid() const { return std::to_string(process_->pid()); }
  void grow() {
    process_->signal(SIGUSR2);
    says("grown\n");
  }
  void become_another() {
    process_->signal(SIGUSR1);
    says("ready\n");
  }
  void end() {
    process_->signal(SIGUSR1);
    process_->wait();
  }

 private:
  void says(const std::string &word) {
    said_ += word;
    if (!eventually([&] { return process_->out() == said_; })) throw std::runtime_error("no " + word);
  }
  std::string said_;
  std::unique_ptr<Process> process_;
};

class Marks : public ::testing::Test {
 protected:
  Marks() {
    playground_.set("XDG_STATE_HOME", playground_ / "state");
    playground_.set("LC_ALL", "C.UTF-8");
  }
  Outcome run(std::vector<std::string> arguments) const { return playground_.run(std::move(arguments)); }
  json::value json_of(std::vector<std::string> arguments) const {
    arguments.push_back("--json");
    const Outcome outcome = run(arguments);
    if (outcome.exit_code != 0) ADD_FAILURE() << outcome;
    return outcome.exit_code == 0 ? json::parse(outcome.out) : json::value();
  }
  // Marked as "before", it starts another program.
  void becomes_another_program(Grower &grower) {
    grower.become_another();
    Outcome outcome;
    ASSERT_TRUE(eventually([&] { return (outcome = run({"diff", "before"})).exit_code == 0; })) << outcome;
    EXPECT_TRUE(has(outcome.out, "another program was started in it")) << outcome;
    EXPECT_EQ(run({"sizes", grower.pid(), "--since", "before"}).exit_code, 1);
  }
  Playground playground_;
};

inline std::int64_t change(const json::value &difference, const char *total) {
  return difference.at("totals").at(total).at("change").to_number<std::int64_t>();
}

inline std::int64_t number(const json::value &object, const char *field) {
  return object.at(field).to_number<std::int64_t>();
}

inline const json::value &with(const json::value &array, const char *field, const json::value &wanted) {
  for (const json::value &each : array.as_array()) {
    if (each.at(field) == wanted) return each;
  }
  throw std::runtime_error(std::string("nothing has this ") + field);
}

}  // namespace heapmeter::testing
