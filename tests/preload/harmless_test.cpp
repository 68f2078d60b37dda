// SPDX-License-Identifier: MIT
//
// A program that works without the meter works with it, in tight places too: no descriptors to spare, little
// address space, no threads, closed standard streams, namespaces. The unmetered run is the oracle.
#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <regex>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

struct Pair {
  Outcome plain, metered;
};

// Runs a script of the shell with and without the meter; $METERED in it is where the preload begins, so that
// the shell's own preparations are not metered.
Pair both(const std::string &script, const PublicCopies *copies = nullptr) {
  Meter meter;
  Command command{{program("bash"), "--norc", "-c", script}};
  command.environment["METERED"] = "";
  command.environment["VICTIMS"] = victim("");
  if (copies != nullptr) command.environment["VICTIM"] = copies->victim();
  Pair pair;
  pair.plain = run(command);
  Environment metered = meter.environment();
  if (copies != nullptr) metered["LD_PRELOAD"] = copies->library();
  std::string assignments = "/usr/bin/env";
  for (const char *name : {"LD_PRELOAD", "HEAPMETER_DIR"}) {
    assignments += " " + std::string(name) + "=" + metered.at(name);
  }
  command.environment["METERED"] = assignments;
  pair.metered = run(command);
  return pair;
}

void expect_same(const std::string &script, const PublicCopies *copies = nullptr) {
  SCOPED_TRACE(script);
  const Pair pair = both(script, copies);
  EXPECT_NE(pair.plain.exit_code, 126);
  EXPECT_NE(pair.plain.exit_code, 127) << pair.plain;
  EXPECT_EQ(pair.metered.out, pair.plain.out);
  EXPECT_EQ(pair.metered.err, pair.plain.err);
  EXPECT_EQ(pair.metered.exit_code, pair.plain.exit_code);
  EXPECT_EQ(pair.metered.signal, pair.plain.signal);
}

// One call for each page of 64 KiB would be 4,600, and take a hundred times what the frees themselves take.
TEST(Harmless, ManyPagesGoBackInOneCall) {
  Meter meter;
  Command command{{program("strace"), "-f", "-c", "-e", "trace=madvise", "-U", "calls,name",
                   victim("given_back"), "500"}};
  command.environment = meter.environment();
  command.environment["LD_PRELOAD"] = "";
  command.argv.insert(command.argv.end() - 2, {"-E", "LD_PRELOAD=" + library().string()});
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.out, "held: yes, given back: yes\n") << outcome;
  std::smatch calls;
  ASSERT_TRUE(std::regex_search(outcome.err, calls, std::regex("([0-9]+) madvise"))) << outcome;
  EXPECT_LT(std::stoi(calls[1]), 1000) << outcome;
}

// The socket appears HEAPMETER_BIND_DELAY_MS after the start: programs that end in good order right then,
// several at once so that some are torn away in the midst of it. The shell is not metered: a child of it that
// lives so long before its exec leaves a file, as all do that do not end in good order.
TEST(Harmless, ProgramsThatEndAsTheirSocketAppearsLeaveNoFile) {
  Meter meter;
  const Environment metered = meter.environment();
  Command command{{program("bash"), "--norc", "-c",
                   "for ((i = 0; i < 100; ++i)); do\n"
                   "  for ((j = 0; j < 8; ++j)); do\n"
                   "    /usr/bin/env LD_PRELOAD=$LIBRARY sleep 0.0$((480 + i / 2)) &\n"
                   "  done\n"
                   "  wait\n"
                   "done"}};
  command.deadline = std::chrono::seconds(240);
  command.environment["LIBRARY"] = metered.at("LD_PRELOAD");
  command.environment["HEAPMETER_DIR"] = metered.at("HEAPMETER_DIR");
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_TRUE(meter.sockets().empty()) << meter.sockets().size() << " left behind";
}

TEST(Harmless, SandboxOfAVforkChildLeavesTheParentsSocketToTheParent) {
  Meter meter;
  Command command{{victim("vfork_sandbox")}};
  command.environment = meter.environment();
  const Outcome metered = run(command);
  EXPECT_TRUE(metered.ok()) << metered;
  EXPECT_EQ(metered.out, "child: 0\n");
  EXPECT_TRUE(meter.sockets().empty()) << "the parent thought itself in a sandbox and left its socket";
}

// Who leaves last says the exit code: the service's thread, held up on its way out, said 0.
TEST(Harmless, ExitCodeOfABareExitIsNotThatOfTheMetersThread) {
  Meter meter;
  Command command{{victim("pairs"), "1"}};
  command.environment = meter.environment();
  command.environment["LD_PRELOAD"] = library().string() + " " + victim("libexits_bare_late.so").string();
  const Outcome outcome = run(command);
  if (outcome.exit_code == 2) GTEST_SKIP() << "nobody may hold up a thread here";
  EXPECT_EQ(outcome.exit_code, 3) << outcome;
}

TEST(Harmless, ABareExitThatNobodyCanSeeEndsTheProcess) {
  Meter meter;
  Command command{{victim("pairs"), "1"}};
  command.environment = meter.environment();
  command.environment["LD_PRELOAD"] = library().string() + " " + victim("libexits_bare_unseen.so").string();
  const Outcome outcome = run(command);
  EXPECT_FALSE(outcome.timed_out) << outcome;
}

TEST(Harmless, DescriptorsAreTheProgramsOwn) {
  Meter meter;
  const auto descriptors = [](const Environment &environment, bool served, const Meter &meter_used) {
    Command command{{victim("descriptors")}};
    command.environment = environment;
    Process process(command);
    EXPECT_TRUE(eventually([&] { return process.out().find("ready\n") != std::string::npos; }));
    // Closing every descriptor must not have closed the meter's.
    if (served) {
      EXPECT_EQ(meter_used.snapshot(process.pid())["pid"], process.pid());
    }
    process.signal(SIGTERM);
    return process.wait();
  };
  const Outcome plain = descriptors(plain_environment(), false, meter);
  const Outcome metered = descriptors(meter.environment(), true, meter);
  EXPECT_NE(plain.out.find("living: 2 memory\n"), std::string::npos) << plain.out;
  EXPECT_NE(plain.out.find("signal 15\n"), std::string::npos);
  EXPECT_EQ(metered.out, plain.out);
}

TEST(Harmless, ClosedStandardStreamsStayClosed) {
  expect_same("$METERED perl -e 'open(F, \"<\", \"/dev/null\"); exit(fileno(F) + 10)' 0<&-");
  expect_same("$METERED perl -e 'open(F, \"<\", \"/dev/null\"); exit(fileno(F) + 10)' 2>&-");
  expect_same("$METERED perl -e 'open(F, \"<\", \"/dev/null\"); exit(fileno(F) + 10)' 0<&- 1>&- 2>&-");
}

TEST(Harmless, NoDescriptorsToSpare) { expect_same("ulimit -n 4; exec $METERED ${VICTIMS}witness_c"); }

TEST(Harmless, LittleAddressSpace) {
  for (const char *megabytes : {"64", "80", "96", "112", "128", "192", "256"}) {
    expect_same("ulimit -v $((" + std::string(megabytes) + " * 1024)); exec $METERED ${VICTIMS}witness_c");
  }
}

TEST(Harmless, LittleDataSegment) {
  for (const char *megabytes : {"64", "96", "128"}) {
    expect_same("ulimit -d $((" + std::string(megabytes) + " * 1024)); exec $METERED ${VICTIMS}witness_cpp");
  }
}

TEST(Harmless, MemoryThatRunsOutIsRefusedAsUsual) {
  expect_same(
      "ulimit -v $((400 * 1024)); $METERED perl -e 'my $s = \"x\" x 1_000_000_000; print length $s' "
      "2>/dev/null;"
      " echo status $?");
}

TEST(Harmless, HandlerIsCalledWithNoMemoryLeft) { expect_same("$METERED $VICTIMS/handler_without_memory"); }

TEST(Harmless, NoMoreThreads) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become a user with no other processes";
  const PublicCopies copies("witness_c");
  const std::string script =
      "exec setpriv --reuid=$((200000 + $$)) --clear-groups prlimit --nproc=1 $METERED $VICTIM";
  EXPECT_EQ(both(script, &copies).plain.out, "1\n");
  expect_same(script, &copies);
}

TEST(Harmless, KernelsThatKnowLess) {
  expect_same("exec ${VICTIMS}old_kernel ${METERED:-/usr/bin/env} ${VICTIMS}witness_c");
  expect_same("exec ${VICTIMS}old_kernel ${METERED:-/usr/bin/env} ${VICTIMS}fork_under_fire");
  expect_same("exec ${VICTIMS}old_kernel ${METERED:-/usr/bin/env} ${VICTIMS}ending thread");
  // Ready to be ended, and long enough to be served, were that possible; served or not, it ends as it should.
  expect_same(
      "exec 3< <(exec ${VICTIMS}old_kernel ${METERED:-/usr/bin/env} ${VICTIMS}holder); holder=$!; "
      "read -r line <&3; echo \"$line\"; sleep 0.3; kill $holder; cat <&3; wait $holder");
}

TEST(Harmless, NoFileMayGrow) { expect_same("ulimit -f 0; exec $METERED ${VICTIMS}witness_c | cat"); }

TEST(Harmless, ReaderOfStderrIsGone) {
  expect_same("exec 2> >(:); wait $!; exec $METERED env HEAPMETER_REPORT=stderr ${VICTIMS}ending exit");
}

TEST(Harmless, NamespacesMayBeLeft) {
  expect_same("exec $METERED ${VICTIMS}namespaces now");
  expect_same("exec $METERED ${VICTIMS}namespaces later");
}

TEST(Harmless, NewCredentialsReachEveryThreadAndTheSocketMoves) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  const std::string user = std::to_string(300000 + getpid());
  const std::filesystem::path directory = "/tmp/heapmeter-" + user;
  const auto served = [&] {
    std::error_code error;
    for (const auto &entry : std::filesystem::directory_iterator(directory, error)) {
      if (entry.is_socket()) return true;
    }
    return false;
  };
  const auto outcome = [&](const Environment &environment, bool metered) {
    Command command{{victim("credentials"), user}};
    command.environment = environment;
    Process process(command);
    EXPECT_TRUE(eventually([&] { return process.out().find("ready\n") != std::string::npos; }))
        << process.err();
    if (metered) {
      EXPECT_TRUE(eventually(served)) << "not served as the new user";
    }
    process.signal(SIGTERM);
    return process.wait();
  };
  TempDir old_directory;
  Environment environment = plain_environment();
  const Outcome plain = outcome(environment, false);
  environment["LD_PRELOAD"] = library();
  environment["XDG_RUNTIME_DIR"] = old_directory.path();
  const Outcome metered = outcome(environment, true);
  EXPECT_EQ(
      plain.out.rfind("results 0 0 0 errno 0\nthreads with other ids: 0\nback to root: -1 errno 1\n", 0), 0U)
      << plain;
  EXPECT_EQ(metered.out, plain.out);
  EXPECT_EQ(metered.err, "");
  std::filesystem::remove_all(directory);
}

TEST(Harmless, EmptyEnvironment) {
  expect_same("exec $METERED perl -e '%ENV = (); exec {$ARGV[0]} @ARGV' ${VICTIMS}ending exit");
  expect_same("exec $METERED env -i ${VICTIMS}witness_c");
}

TEST(Harmless, PipelinesEndWhenTheirWritersDo) {
  expect_same("exec $METERED bash -c 'for i in {1..50}; do seq 1 $i | sort -rn | head -3 | tail -1; done'");
}

TEST(Harmless, SignalsReachTheProgram) {
  expect_same(
      "exec $METERED perl -e '$n = 0; $SIG{USR1} = sub { $n++ }; for (1..200) { kill USR1 => $$ }"
      " select(undef, undef, undef, 0.1); $SIG{ALRM} = sub { print \"alarm $n\\n\"; exit 9 }; alarm 1;"
      " 1 while sleep 10'");
}

TEST(Harmless, CoreFilesAndFatalSignalsStay) {
  for (const char *signal : {"SEGV", "ABRT", "TERM", "KILL", "PIPE"}) {
    expect_same("exec $METERED perl -e 'kill " + std::string(signal) + " => $$; sleep 5'");
  }
}

}  // namespace
}  // namespace heapmeter::testing
