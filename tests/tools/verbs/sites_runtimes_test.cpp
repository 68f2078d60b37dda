// SPDX-License-Identifier: MIT
//
// Code that a runtime makes while it runs, named by what the runtime tells of it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "tools/tool.h"

#include "support/meter.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

// It says "ready", and stays.
class Runtime {
 public:
  Runtime(const Playground &playground, std::vector<std::string> words) {
    Command command;
    command.argv = std::move(words);
    command.environment = playground.environment();
    command.environment["LD_PRELOAD"] = library();
    command.environment["HEAPMETER_SAMPLE"] = "every";
    command.environment["PYTHONMALLOC"] = "malloc";
    process_ = std::make_unique<Process>(command);
    map_ = "/tmp/perf-" + pid() + ".map";
    if (!eventually([&] { return process_->out() == "ready\n"; }))
      throw std::runtime_error("it did not start: " + process_->err());
    socket_of(playground.sockets(), process_->pid());
  }
  ~Runtime() { unlink(map_.c_str()); }
  std::string pid() const { return std::to_string(process_->pid()); }

  // Bytes that were allocated below functions of this name.
  std::int64_t allocated_by(const Playground &playground, const std::string &name) const {
    const Outcome outcome =
        playground.run({"sites", pid(), "--json", "-n", "1000", "--by", "allocated", "--focus", name});
    if (outcome.exit_code != 0) throw std::runtime_error(outcome.err);
    const json::value reading = json::parse(outcome.out);
    std::int64_t bytes = 0;
    for (const json::value &site : reading.at("sites").as_array())
      bytes += site.at("allocated_bytes").to_number<std::int64_t>();
    return bytes;
  }

 private:
  std::unique_ptr<Process> process_;
  std::string map_;
};

// What a runtime tells of itself, and that the stack goes on behind its code.
TEST(Runtimes, TellOfTheirCodeByAMapOfIt) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "the made code is for x86-64";
#endif
  Playground playground;
  const Runtime runtime(playground, {sample("made_code")});
  EXPECT_EQ(runtime.allocated_by(playground, "^makeSession$"), 50 * 1000);
  const Outcome outcome = playground.run({"sites", runtime.pid(), "--json"});
  const json::value reading = json::parse(outcome.out), &frames = reading.at("sites").at(0).at("frames");
  ASSERT_EQ(frames.as_array().size(), 3u) << frames;
  EXPECT_EQ(frames.at(0).at("function"), "makeSession");
  EXPECT_EQ(frames.at(0).at("file"), "shop.js");
  EXPECT_EQ(frames.at(0).at("line"), 3);
  EXPECT_EQ(frames.at(1).at("function"), "keep_sessions");
  EXPECT_EQ(frames.at(2).at("function"), "main");
  EXPECT_EQ(reading.at("cut_short").to_number<std::int64_t>(), 0);
  const Outcome table = playground.run({"sites", runtime.pid()});
  EXPECT_NE(table.out.find("  makeSession  shop.js:3\n"), std::string::npos) << table;
}

// As those that come with node are near those that it makes.
TEST(Runtimes, FunctionsOfTheirOwnFileAreNamedWhereTheyAreMappedOnceMore) {
#if !defined(__x86_64__)
  GTEST_SKIP() << "call stacks are walked on x86-64 only";
#endif
  Playground playground;
  const Runtime runtime(playground, {sample("copied_code")});
  EXPECT_EQ(runtime.allocated_by(playground, "^makes_session$"), 50 * 1000);
  const Outcome outcome = playground.run({"sites", runtime.pid(), "--json", "--focus", "keep_sessions"});
  const json::value reading = json::parse(outcome.out), &frames = reading.at("sites").at(0).at("frames");
  EXPECT_EQ(frames.at(0).at("function"), "makes_session") << frames;
  EXPECT_EQ(frames.at(0).at("module"), "copied_code");
  EXPECT_EQ(frames.at(1).at("function"), "keep_sessions");
}

// The first on the way of the shell that is Python 3.12 or later.
std::string recent_python() {
  const char *path = getenv("PATH");
  std::istringstream places(path != nullptr ? path : "/usr/bin");
  for (std::string place; std::getline(places, place, ':');) {
    for (const char *name : {"python3", "python3.13", "python3.12"}) {
      Command command;
      command.argv = {place + "/" + name, "-c", "import sys; sys.exit(sys.version_info < (3, 12))"};
      if (access(command.argv[0].c_str(), X_OK) == 0 && run(command).exit_code == 0) return command.argv[0];
    }
  }
  return "";
}

TEST(Runtimes, PythonTellsOfItsFunctionsByXPerf) {
  const std::string python = recent_python();
  if (python.empty()) GTEST_SKIP() << "there is no Python 3.12 or later, which has -X perf";
  Playground playground;
  const Runtime runtime(playground, {python, "-X", "perf", "-c",
                                     "import time\nkept = []\n"
                                     "def make_session(): kept.append(bytearray(100_000))\n"
                                     "for _ in range(50): make_session()\n"
                                     "print('ready', flush=True); time.sleep(1000)\n"});
  EXPECT_GE(runtime.allocated_by(playground, "make_session"), 50 * 100'000);
}

// Its functions call each other, and what the program comes with between them says nothing of itself either.
TEST(Runtimes, NodeTellsOfItsFunctionsAndTheirCallers) {
  Command command;
  command.argv = {"node", "--version"};
  if (run(command).exit_code != 0) GTEST_SKIP() << "there is no node";
  Playground playground;
  const Runtime runtime(playground,
                        {program("node"), "--perf-basic-prof", "--interpreted-frames-native-stack", "-e",
                         "const kept = [];\n"
                         "function makeSession() { kept.push(Buffer.allocUnsafeSlow(100_000)); }\n"
                         "function takeRequests() { for (let i = 0; i < 50; i++) makeSession(); }\n"
                         "takeRequests(); console.log('ready'); setTimeout(() => 0, 1e9);\n"});
  EXPECT_GE(runtime.allocated_by(playground, "makeSession"), 50 * 100'000);
  EXPECT_GE(runtime.allocated_by(playground, "takeRequests"), 50 * 100'000);
}

TEST(Runtimes, PythonWithoutItIsToldHow) {
  Playground playground;
  const Runtime runtime(playground, {program("python3"), "-c",
                                     "import time\nkept = []\n"
                                     "def make_session(): kept.append(bytearray(100_000))\n"
                                     "for _ in range(50): make_session()\n"
                                     "print('ready', flush=True); time.sleep(1000)\n"});
  const Outcome outcome = playground.run({"sites", runtime.pid(), "--json"});
  if (outcome.out.find("_PyEval_EvalFrameDefault") == std::string::npos)
    GTEST_SKIP() << "this python3 has no names of its own functions";
  EXPECT_NE(
      outcome.out.find("no names of Python's own functions: from Python 3.12 on, python3 -X perf gives them"),
      std::string::npos)
      << outcome;
}

}  // namespace
