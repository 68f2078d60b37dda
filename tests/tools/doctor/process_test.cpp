// SPDX-License-Identifier: MIT
//
// heapmeter doctor PID: is this process metered, served, and what of it is hidden; and stat's reason is the
// same.
#include <sstream>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/books.h"
#include "support/meter.h"
#include "support/temp_dir.h"
#include "tools/doctor/diagnosis.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace fs = std::filesystem;

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

class DoctorOfProcess : public ::testing::Test {
 protected:
  // Started with the library preloaded, and by now where it says "ready".
  std::unique_ptr<Process> start(std::vector<std::string> argv, bool metered = true) const {
    return start_with(metered ? library().string() : "", std::move(argv));
  }
  std::unique_ptr<Process> start_with(const std::string &preload, std::vector<std::string> argv) const {
    Command command{std::move(argv)};
    command.environment = playground_.environment();
    if (!preload.empty()) command.environment["LD_PRELOAD"] = preload;
    auto process = std::make_unique<Process>(command);
    if (!eventually([&] { return process->out() == "ready\n"; }, std::chrono::seconds(30)))
      throw std::runtime_error("did not start: " + process->err());
    return process;
  }
  Diagnosis of(const Process &process) const { return diagnose(playground_, std::to_string(process.pid())); }
  // Neither counted nor read, and stat gives the same reason.
  void expect_unread(const Process &process, const std::string &code, const std::string &words) const {
    const Diagnosis found = of(process);
    EXPECT_TRUE(has(found.what(code), words)) << found.outcome();
    EXPECT_EQ(found.outcome().exit_code, 1);
    EXPECT_EQ(found.text("socket"), "");
    const Outcome stat = playground_.run({"stat", std::to_string(process.pid())});
    EXPECT_TRUE(has(stat.err, "heapmeter: " + found.what(code))) << stat;
  }
  Playground playground_;
};

TEST_F(DoctorOfProcess, IsFoundByANameThatNoProgramHas) {
  const Holder holder(playground_, {"10", "10"});
  const Outcome outcome = playground_.run({"doctor", "holder_of_bytes"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_TRUE(has(outcome.out, "(" + holder.pid_text() + ")")) << outcome;
  const Outcome nobody = playground_.run({"doctor", "holder_of_bites"});
  EXPECT_TRUE(has(nobody.err, "there is no program 'holder_of_bites' in PATH")) << nobody;
  const Holder other(playground_, {"10", "10"});
  EXPECT_TRUE(has(playground_.run({"doctor", "holder_of_bytes"}).err, "there is no program"))
      << "of several it would be a guess";
}

TEST_F(DoctorOfProcess, IsMeteredAndServed) {
  const Holder holder(playground_, {"10", "10"});
  const Diagnosis found = diagnose(playground_, holder.pid_text());
  EXPECT_EQ(found.outcome().exit_code, 0) << found.outcome();
  EXPECT_EQ(found.text("verdict"), "yes");
  EXPECT_EQ(found.text("socket"), holder.socket());
  EXPECT_EQ(found.text("library"), std::filesystem::canonical(library()));
  EXPECT_EQ(found.text("backend"), is_on_mimalloc() ? "mimalloc" : "next");
  EXPECT_FALSE(found.text("version").empty());
  EXPECT_FALSE(found.has("replaced_malloc")) << "the meter's own mimalloc is no other allocator";
  EXPECT_EQ(found.text("program"), std::filesystem::canonical(sample("holder_of_bytes")));
  EXPECT_TRUE(has(playground_.run({"doctor", holder.pid_text()}).out, "): metered\n"));
}

TEST_F(DoctorOfProcess, OnTheOtherBackend) {
  playground_.set("HEAPMETER_BACKEND", "next");
  const Holder holder(playground_, {"10", "10"});
  EXPECT_NE(diagnose(playground_, holder.pid_text()).text("backend"), "mimalloc");
}

// Which of the others it is, the kernel decides.
TEST_F(DoctorOfProcess, WhatBecameOfHugePages) {
  const Holder without(playground_, {"10", "10"});
  EXPECT_FALSE(diagnose(playground_, without.pid_text()).has("huge_pages"));
  playground_.set("HEAPMETER_HUGE_PAGES", "on");
  const Holder asks(playground_, {"10", "10"});
  const Diagnosis found = diagnose(playground_, asks.pid_text());
  EXPECT_TRUE(found.has("huge_pages")) << found.outcome();
  EXPECT_EQ(found.outcome().exit_code, 0);
  playground_.set("HEAPMETER_BACKEND", "next");
  const Holder on_next(playground_, {"10", "10"});
  EXPECT_TRUE(has(diagnose(playground_, on_next.pid_text()).what("huge_pages"), "only heaps on mimalloc"));
}

// Which are served and given back like any other.
TEST_F(DoctorOfProcess, HasBlocksThatCouldNotBeNoted) {
  playground_.set("HEAPMETER_BACKEND", "next");
  const auto process = start({sample("unnoted_block")});
  const auto blocks = [&] {
    const Outcome stat = playground_.run({"stat", "--json", std::to_string(process->pid())});
    return has(stat.out, R"("uncounted_blocks":1,)") ? 1 : has(stat.out, R"("uncounted_blocks":0,)") ? 0 : -1;
  };
  const Diagnosis found = of(*process);
  EXPECT_TRUE(
      has(found.what("uncounted_blocks"), "has 1 block that came while there was no memory to note it"))
      << found.outcome();
  EXPECT_EQ(found.outcome().exit_code, 1);
  EXPECT_EQ(blocks(), 1);
  process->signal(SIGUSR1);
  ASSERT_TRUE(eventually([&] { return process->out() == "ready\nfreed\n"; })) << process->err();
  EXPECT_EQ(blocks(), 0);
  EXPECT_FALSE(of(*process).has("uncounted_blocks"));
}

TEST(DoctorsBooks, SayWhereTheyGaveUp) {
  using heapmeter::cli::book_findings;
  EXPECT_TRUE(book_findings("p", {}).empty()) << "of an older library";
  EXPECT_TRUE(book_findings("p", {{"uncounted_blocks", 0}, {"ledger", "pieces"}}).empty());
  const auto found = book_findings("p", {{"uncounted_blocks", 2000}, {"ledger", "full"}});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(has(found[0].what, "has 2,000 blocks that")) << found[0].what;
  EXPECT_TRUE(has(found[1].what, "too many pieces")) << found[1].what;
}

TEST(DoctorsBooks, SayWhySitesAreNotAsTheyWereSet) {
  using heapmeter::cli::book_findings;
  EXPECT_TRUE(book_findings("p", {{"sampling", "off"}}).empty());
  const auto off = book_findings("p", {{"sampling", "off"}, {"sampling_instead", "no\x1b[1m memory"}});
  ASSERT_EQ(off.size(), 1u);
  EXPECT_TRUE(has(off[0].what, "p does not tell which code allocates: no")) << off[0].what;
  EXPECT_FALSE(has(off[0].what, "\x1b")) << off[0].what;
  const auto sampled = book_findings("p", {{"sampling", "524288"}, {"sampling_instead", "under a limit"}});
  ASSERT_EQ(sampled.size(), 1u);
  EXPECT_TRUE(has(sampled[0].what, "by samples, not of every: under a limit")) << sampled[0].what;
  const auto hint = [](const char *why) {
    return book_findings("p", {{"sampling", "off"}, {"sampling_instead", why}}).at(0).advice;
  };
  const std::string raise = "raise that limit";
  EXPECT_TRUE(has(hint("under a limit of address space (RLIMIT_AS, RLIMIT_DATA)"), raise));
  for (const char *other : {"there is no memory for the tables", "something else",
                            "call stacks have not been tried on this kind of processor, only on x86-64",
                            "what was attributed before is still being forgotten: try again"})
    EXPECT_FALSE(has(hint(other), raise)) << other;
  EXPECT_TRUE(has(hint("there is no memory for the tables"), "max_map_count"));
  EXPECT_FALSE(has(hint("call stacks have not been tried on this kind of processor"), "--sample"));
}

TEST_F(DoctorOfProcess, IsNotMetered) {
  const auto process = start({sample("holder_of_bytes"), "1", "1"}, false);
  expect_unread(*process, "not_loaded", "is not metered, and a running program cannot be");
}

TEST_F(DoctorOfProcess, IsSwitchedOff) {
  playground_.set("HEAPMETER_OFF", "1");
  expect_unread(*start({sample("holder_of_bytes"), "1", "1"}), "switched_off", "HEAPMETER_OFF=1");
  playground_.set("HEAPMETER_OFF", "0");
  playground_.set("HEAPMETER_ONLY", "other");
  expect_unread(*start({sample("holder_of_bytes"), "1", "1"}), "switched_off", "HEAPMETER_ONLY=other");
  playground_.set("HEAPMETER_ONLY", "");
  playground_.set("HEAPMETER_EXCEPT", "holder_of_bytes");
  expect_unread(*start({sample("holder_of_bytes"), "1", "1"}), "switched_off", "HEAPMETER_EXCEPT");
  playground_.set("HEAPMETER_EXCEPT", "");
  playground_.set("HEAPMETER_SERVE", "off");
  expect_unread(*start({sample("holder_of_bytes"), "1", "1"}), "not_served", "HEAPMETER_SERVE=off");
}

TEST_F(DoctorOfProcess, HasNoDirectoryForItsSocket) {
  playground_.set("HEAPMETER_DIR", "/nonexistent/deep/below");
  expect_unread(*start({sample("holder_of_bytes"), "1", "1"}), "socket_directory", "/nonexistent/deep");
}

TEST_F(DoctorOfProcess, IsInASandbox) {
  expect_unread(*start({sample("sandboxed")}), "sandboxed", "seccomp");
}

TEST_F(DoctorOfProcess, MayHaveFewProcesses) {
  const auto process = start({"/usr/bin/prlimit", "--nproc=100:1000", sample("holder_of_bytes"), "1", "1"});
  expect_unread(*process, "few_processes", "no more than 100 processes");
}

TEST_F(DoctorOfProcess, HasAnotherAllocatorAhead) {
  const auto expect = [this](const std::string &ahead) {
    const auto process = start_with(ahead + library().string(), {sample("holder_of_bytes"), "1", "1"});
    expect_unread(*process, "own_malloc", "libjemalloc.so.2 brings its own malloc");
  };
  expect("libjemalloc.so.2:");
  expect("libjemalloc.so.2  ");
  std::string file;
  {
    const auto process = start_with("libjemalloc.so.2", {sample("holder_of_bytes"), "1", "1"});
    std::istringstream maps(read_file("/proc/" + std::to_string(process->pid()) + "/maps"));
    for (std::string line; file.empty() && std::getline(maps, line);)
      if (line.ends_with("/libjemalloc.so.2")) file = line.substr(line.find('/'));
  }
  fs::create_symlink(file, playground_ / "libjemalloc.so");
  expect((playground_ / "libjemalloc.so").string() + ":");
}

TEST_F(DoctorOfProcess, HasTheLibraryByAnyNameThatFindsIt) {
  const std::string preload = library().parent_path() / "heapmeter/preload";
  for (const char *name : {"/$LIB/libheapmeter.so", "/${LIB}/libheapmeter.so"}) {
    const Diagnosis found = of(*start_with(preload + name, {sample("holder_of_bytes"), "1", "1"}));
    EXPECT_EQ(found.text("verdict"), "yes") << found.outcome();
    EXPECT_EQ(found.text("library"), fs::canonical(library()));
  }
}

TEST_F(DoctorOfProcess, IsNotMeteredByANameThatFindsNothing) {
  for (const char *name : {"libheapmeter.so", "/nonexistent/$LIB/libheapmeter.so"})
    expect_unread(*start_with(name, {sample("holder_of_bytes"), "1", "1"}), "not_loaded",
                  std::string("is not metered, though its LD_PRELOAD names ") + name);
}

TEST_F(DoctorOfProcess, HasAMallocThatPassesCallsOn) {
  const auto process = start({sample("forwarding_allocator"), "stay"});
  const Diagnosis found = of(*process);
  EXPECT_TRUE(has(found.what("forwarding_malloc"), "passes calls on")) << found.outcome();
  EXPECT_EQ(found.text("verdict"), "yes") << found.outcome();
  EXPECT_TRUE(has(playground_.run({"stat", std::to_string(process->pid())}).out, "live"));
}

// As when the package is upgraded, or removed.
TEST_F(DoctorOfProcess, HasALibraryWhoseFileIsAnotherByNow) {
  const TempDir place;
  const fs::path copy = place / "libheapmeter.so";
  fs::copy(library(), copy);
  Command command{{sample("holder_of_bytes"), "1", "1"}};
  command.environment = playground_.environment();
  command.environment["LD_PRELOAD"] = copy;
  Process process(command);
  ASSERT_TRUE(eventually([&] { return process.out() == "ready\n"; })) << process.err();
  fs::copy(library(), place / "new");
  fs::rename(place / "new", copy);
  EXPECT_FALSE(of(process).has("replaced_malloc")) << of(process).outcome();
  fs::remove(copy);
  EXPECT_FALSE(of(process).has("replaced_malloc")) << of(process).outcome();
  EXPECT_EQ(of(process).text("verdict"), "yes") << of(process).outcome();
}

TEST_F(DoctorOfProcess, HasLostItsFirstThread) {
  const Diagnosis found = of(*start({sample("leaderless")}));
  EXPECT_EQ(found.text("verdict"), "yes") << found.outcome();
  EXPECT_EQ(found.text("program"), std::filesystem::canonical(sample("leaderless")));
  EXPECT_EQ(found.text("library"), std::filesystem::canonical(library()));
}

TEST_F(DoctorOfProcess, HasLostItsFirstThreadAndIsNotServed) {
  playground_.set("HEAPMETER_SERVE", "off");
  expect_unread(*start({sample("leaderless")}), "not_served", "HEAPMETER_SERVE=off");
  playground_.set("HEAPMETER_SERVE", "");
  expect_unread(*start({sample("leaderless")}, false), "not_loaded", "is not metered");
}

TEST_F(DoctorOfProcess, RunsUnderValgrind) {
  const auto process = start({program("valgrind"), "-q", sample("holder_of_bytes"), "1", "1"});
  const Diagnosis found = of(*process);
  EXPECT_TRUE(has(found.what("valgrind"), "runs under valgrind")) << found.outcome();
  EXPECT_EQ(found.text("verdict"), "no");
}

TEST_F(DoctorOfProcess, LoadedAnotherHeapAtRunTime) {
  const Diagnosis found = of(*start({sample("needs_jvm"), "stay"}));
  EXPECT_TRUE(has(found.what("own_heap"), "libjvm.so runs Java")) << found.outcome();
  EXPECT_EQ(found.text("verdict"), "partly");
  EXPECT_NE(found.text("socket"), "") << "it is served all the same";
}

TEST_F(DoctorOfProcess, HoldsMemoryThatIsNotMallocs) {
  const Diagnosis found = of(*start({sample("neighbour_of_data"), std::to_string(20 << 20)}));
  EXPECT_TRUE(has(found.what("own_heap"), "20.0 MiB in anonymous memory that is not malloc's"))
      << found.outcome();
  EXPECT_EQ(found.text("verdict"), "partly");
}

TEST_F(DoctorOfProcess, HasASecondLibc) {
  const Diagnosis found = of(*start({sample("second_libc")}));
  EXPECT_TRUE(has(found.what("second_libc"), "dlmopen")) << found.outcome();
  EXPECT_EQ(found.text("verdict"), "partly");
}

TEST_F(DoctorOfProcess, IsStopped) {
  const Holder holder(playground_, {"1", "1"});
  holder.stop();
  const Diagnosis found = diagnose(playground_, holder.pid_text());
  EXPECT_TRUE(has(found.what("not_served"), "does not answer")) << found.outcome();
  holder.signal(SIGCONT);
}

// It is asked about in every part of its end.
TEST_F(DoctorOfProcess, HasJustEnded) {
  for (int round = 0; round < 20; ++round) {
    const auto process = start({sample("neighbour_of_data"), std::to_string(128 << 20)}, round % 2 == 0);
    Process asked(
        playground_.command({round % 4 < 2 ? "doctor" : "account", std::to_string(process->pid())}));
    process->signal(SIGKILL);
    const Outcome outcome = asked.wait();
    EXPECT_FALSE(has(outcome.out, "of the kernel")) << outcome;
    if (outcome.err.empty()) continue;  // in time, as it lived
    EXPECT_TRUE(has(outcome.err, "has just ended") || has(outcome.err, "has ended") ||
                has(outcome.err, "there is no process") || has(outcome.err, "is not metered"))
        << outcome;
  }
}

// The first process of a namespace waits at its end for those whose parents, outside, have not yet noticed
// theirs. Its memory is gone then, and its files are root's.
TEST_F(DoctorOfProcess, HasNoMemoryAnyMore) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can make namespaces";
  const auto child_of = [](const Process &process) {
    const std::string pid = std::to_string(process.pid());
    return atoi(read_file("/proc/" + pid + "/task/" + pid + "/children").c_str());
  };
  for (const bool metered : {true, false}) {
    const auto outside =
        start({program("unshare"), "--pid", "--fork", sample("holder_of_bytes"), "1", "1"}, metered);
    const int first = child_of(*outside);
    ASSERT_NE(first, 0);
    Process parent({{program("nsenter"), "--pid", "--target=" + std::to_string(first), "sleep", "60"}});
    ASSERT_TRUE(eventually([&] { return child_of(parent) != 0; })) << parent.err();
    parent.stop();
    kill(first, SIGKILL);
    ASSERT_TRUE(
        eventually([&] { return read_file("/proc/" + std::to_string(first) + "/statm").starts_with("0 "); }));
    for (const char *verb : {"doctor", "account", "stat"}) {
      const Outcome outcome = playground_.run({verb, std::to_string(first)});
      EXPECT_EQ(outcome.exit_code, 1) << outcome;
      EXPECT_EQ(outcome.out, "");
      EXPECT_TRUE(has(outcome.err, "has just ended")) << verb << ": " << outcome;
    }
  }
}

TEST_F(DoctorOfProcess, IsNone) {
  EXPECT_TRUE(has(playground_.run({"doctor", "4194305"}).err, "there is no process 4194305"));
  EXPECT_TRUE(has(playground_.run({"doctor", "99999999999999999999"}).err, "no process id"));
}

TEST_F(DoctorOfProcess, GainedPrivileges) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give privileges to a file";
  const PublicCopies copies("holder");
  ASSERT_EQ(chmod(copies.victim().c_str(), 04755), 0);
  Command command{{program("setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups", copies.victim()}};
  command.environment["LD_PRELOAD"] = copies.library();
  Process process(command);
  ASSERT_TRUE(eventually([&] { return process.out() == "ready\n"; })) << process.err();
  const Diagnosis found = of(process);
  EXPECT_TRUE(has(found.what("privileged"), "gained privileges")) << found.outcome();
  EXPECT_TRUE(found.has("not_loaded"));
}

TEST_F(DoctorOfProcess, IsInAContainer) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can make namespaces";
  const auto process = start({program("unshare"), "--mount", "--pid", "--fork", "--mount-proc",
                              sample("holder_of_bytes"), "1", "1"});
  pid_t inside = 0;
  ASSERT_TRUE(eventually([&] {
    const std::string children = read_file("/proc/" + std::to_string(process->pid()) + "/task/" +
                                           std::to_string(process->pid()) + "/children");
    inside = atoi(children.c_str());
    return inside != 0;
  }));
  const Diagnosis found = diagnose(playground_, std::to_string(inside));
  EXPECT_TRUE(has(found.what("container"), "files and pids are not ours (it is 1 to itself)"))
      << found.outcome();
  EXPECT_EQ(found.text("verdict"), "yes") << found.outcome();
}

TEST_F(DoctorOfProcess, NorAnyOtherVerbWaitsForAFifoInTheFilesPlace) {
  const auto process = start({sample("fifo_in_place"), playground_ / "data.so"});
  const std::string pid = std::to_string(process->pid());
  for (const std::vector<std::string> &verb : std::vector<std::vector<std::string>>{
           {"doctor", pid}, {"stat", pid}, {"account", pid}, {"doctor", "--json", pid}}) {
    Command command = playground_.command(verb);
    command.deadline = std::chrono::seconds(30);
    const Outcome outcome = run(command);
    EXPECT_FALSE(outcome.timed_out) << verb[0];
    EXPECT_EQ(outcome.exit_code, 0) << verb[0] << outcome;
  }
}

}  // namespace
