// SPDX-License-Identifier: MIT
//
// What cannot be metered is refused in one line that says why and what to do.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

void expect_refusal(const Outcome &outcome, int exit_code, const std::string &reason) {
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome;
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find(reason), std::string::npos) << outcome;
  EXPECT_TRUE(outcome.err.starts_with("heapmeter: ")) << outcome;
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome;
}

class Refusal : public ::testing::Test {
 protected:
  Outcome run(const std::string &program) const { return playground_.run({"run", "--", program}); }
  std::string script(const std::string &text) const {
    write_file(playground_ / "script", text);
    chmod((playground_ / "script").c_str(), 0755);
    return playground_ / "script";
  }
  Playground playground_;
};

TEST_F(Refusal, OfNoProgram) { expect_refusal(playground_.run({"run"}), 2, "no program is named"); }
TEST_F(Refusal, OfAProgramNotFound) {
  expect_refusal(run("/nonexistent/program"), 127, "/nonexistent/program");
  expect_refusal(run("no-such-program-anywhere"), 127, "'no-such-program-anywhere' in PATH");
  expect_refusal(run(""), 127, "empty");
}
TEST_F(Refusal, OfAFileNotExecutable) { expect_refusal(run("/etc/passwd"), 126, "chmod +x"); }
TEST_F(Refusal, OfADirectory) { expect_refusal(run("/etc"), 126, "is a directory"); }
TEST_F(Refusal, OfAStaticProgram) { expect_refusal(run(sample("static_program")), 1, "statically linked"); }
TEST_F(Refusal, OfAMuslProgram) { expect_refusal(run(sample("musl_program")), 1, "musl"); }
TEST_F(Refusal, OfASanitizedProgram) { expect_refusal(run(sample("sanitized_program")), 1, "sanitizer"); }
TEST_F(Refusal, OfAScriptWhoseInterpreterIsStatic) {
  expect_refusal(run(script("#!" + sample("static_program").string() + " -x\n")), 1, "statically linked");
}
TEST_F(Refusal, OfAScriptWhoseInterpreterIsMissing) {
  expect_refusal(run(script("#!/nonexistent/interpreter\n")), 126, "/nonexistent/interpreter");
  expect_refusal(run(script("#!/usr/bin/env no-such-interpreter\n")), 127, "no-such-interpreter");
}

TEST_F(Refusal, OfAnotherArchitecture) {
  std::string elf = read_file(sample("holder_of_bytes"));
  elf[18] = static_cast<char>(elf[18] == 40 ? 62 : 40);  // e_machine: arm, or x86-64 on arm
  elf[19] = 0;
  expect_refusal(run(script(elf)), 1, "program for");
}

TEST_F(Refusal, OfAProgramThatGainsPrivileges) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give a file to another user";
  const std::string program = script(read_file(sample("holder_of_bytes")));
  ASSERT_EQ(chown(program.c_str(), 65534, 65534), 0);
  ASSERT_EQ(chmod(program.c_str(), 04755), 0);
  expect_refusal(run(program), 1, "set-uid");
  ASSERT_EQ(chmod(program.c_str(), 02755), 0);
  expect_refusal(run(program), 1, "set-gid");
}

TEST_F(Refusal, WithoutALibrary) {
  playground_.set("HEAPMETER_LIBRARY", "/nonexistent/libheapmeter.so");
  expect_refusal(run("true"), 1, "HEAPMETER_LIBRARY");
  playground_.set("HEAPMETER_LIBRARY", "/etc/passwd");
  expect_refusal(run("true"), 1, "not a shared library");
}

TEST_F(Refusal, OfALibraryThatThePreloadCannotName) {
  const auto folder = playground_ / "a folder";
  std::filesystem::create_directory(folder);
  std::filesystem::copy(library(), folder / "lib heapmeter.so");
  playground_.set("HEAPMETER_LIBRARY", folder / "lib heapmeter.so");
  expect_refusal(run("true"), 1, "make a link to it that has none");
  // Of its folder it needs no name.
  std::filesystem::copy(library(), folder / "libheapmeter.so");
  playground_.set("HEAPMETER_LIBRARY", folder / "libheapmeter.so");
  playground_.set("XDG_RUNTIME_DIR", playground_ / "run");
  std::filesystem::create_directory(playground_ / "run");
  const Outcome metered = run("true");
  EXPECT_EQ(metered.exit_code, 0) << metered;
  EXPECT_NE(metered.err.find("ended with exit code 0"), std::string::npos) << metered;
}

TEST_F(Refusal, OfAnOutputThatCannotBeWritten) {
  expect_refusal(playground_.run({"run", "--output", "/nonexistent/file", "--", "echo", "ran"}), 1,
                 "/nonexistent/file");
}

// Where paths lead nowhere it is said in our own words, whatever verb they are given to.
TEST_F(Refusal, OfPathsFromADirectoryThatIsGone) {
  for (const std::vector<std::string> &verb : std::vector<std::vector<std::string>>{
           {"stat", "./a.sock"}, {"doctor", "./a"}, {"run", "--dir", "a", "--", "/bin/true"}}) {
    Command command = playground_.command(verb);
    command.directory = playground_ / "";
    command.argv.insert(command.argv.begin(),
                        {"/bin/sh", "-c", "mkdir gone && cd gone && rmdir ../gone && exec \"$@\"", "sh"});
    const Outcome outcome = heapmeter::testing::run(command);
    EXPECT_EQ(outcome.exit_code, 1) << outcome;
    EXPECT_NE(outcome.err.find(": No such file or directory\n"), std::string::npos) << outcome;
    EXPECT_EQ(outcome.err.find("filesystem error"), std::string::npos) << outcome;
  }
}

TEST_F(Refusal, OfOptionsItDoesNotKnow) {
  expect_refusal(playground_.run({"run", "--bogus", "true"}), 2, "--bogus");
  expect_refusal(playground_.run({"run", "--backend", "other", "true"}), 2, "other");
}

TEST_F(Refusal, IsNotForAProgramWithItsOwnMallocButItIsTold) {
  const Outcome outcome = run(sample("own_allocator"));
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_NE(outcome.err.find("brings its own malloc"), std::string::npos) << outcome;
}

TEST(UnderLimits, TooFewFilesAreNamed) {
  const Playground playground;
  Command command = playground.command({});
  command.argv = {"bash", "-c", "ulimit -n 4; exec " + tool().string() + " run -- true"};
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("Too many open files"), outcome.err.npos) << outcome;
}

TEST(UnderLimits, ALittleStackIsEnough) {
  const Playground playground;
  for (const char *verb : {"ps", "doctor true", "run -- true"}) {
    Command command = playground.command({});
    command.argv = {"bash", "-c", "ulimit -s 64; exec " + tool().string() + " " + verb};
    const Outcome outcome = run(command);
    EXPECT_EQ(outcome.exit_code, 0) << verb << outcome;
  }
}

TEST(Run, SaysSoWhenTheMeterIsSwitchedOff) {
  Playground playground;
  playground.set("HEAPMETER_OFF", "1");
  const Outcome outcome = playground.run({"run", "true"});
  EXPECT_TRUE(outcome.ok());
  EXPECT_NE(outcome.err.find("no reading"), std::string::npos) << outcome;
  EXPECT_NE(outcome.err.find("HEAPMETER_OFF=1 switches the meter off"), std::string::npos) << outcome;
}

}  // namespace
