// SPDX-License-Identifier: MIT
//
// HEAPMETER_BACKEND=next: the allocator the program would have had, measured and not replaced. The same
// goldens, the same contract, the same balanced books; what differs is whose blocks they are.
#include <gtest/gtest.h>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

Metered run_on_next(Command command) {
  command.environment["HEAPMETER_BACKEND"] = "next";
  return run_metered(std::move(command));
}

class Golden : public ::testing::TestWithParam<const char *> {};

TEST_P(Golden, EveryStepChangesExactlyWhatItShould) {
  const std::string name = GetParam();
  const Metered metered = run_on_next({{victim(name)}});
  EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
  EXPECT_EQ(metered.outcome.out, read_file(source_root() / "tests" / "preload" / "golden" / (name + ".txt")));
  EXPECT_EQ(metered.report.fields().at("backend").as_string(), "next");
  EXPECT_GE(metered.report["usable_bytes"], metered.report["live_bytes"]);
}

// Who brings a reallocarray, as libbsd does, brings no allocator: __libc_malloc's are the program's blocks.
TEST_P(Golden, IsTheSameBeforeALibraryOfOneCall) {
  const std::string name = GetParam();
  const Meter meter;
  Command command{{victim(name)}};
  command.environment = meter.environment();
  command.environment["HEAPMETER_BACKEND"] = "next";
  command.environment["LD_PRELOAD"] =
      library().string() + ":" + victim("libbuilt_on_only_reallocarray.so").string();
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(outcome.out, read_file(source_root() / "tests" / "preload" / "golden" / (name + ".txt")));
}

INSTANTIATE_TEST_SUITE_P(Victims, Golden,
                         ::testing::Values("known_c", "known_extensions", "known_cpp", "mismatches"),
                         [](const auto &info) { return std::string(info.param); });

class Contract : public ::testing::TestWithParam<const char *> {};

TEST_P(Contract, SameAsUnmetered) {
  const Outcome plain = run({{victim(GetParam())}});
  const Metered metered = run_on_next({{victim(GetParam())}});
  EXPECT_EQ(metered.outcome.out, plain.out);
  EXPECT_EQ(metered.outcome.err, plain.err);
  EXPECT_EQ(metered.outcome.exit_code, plain.exit_code);
}

INSTANTIATE_TEST_SUITE_P(Victims, Contract,
                         ::testing::Values("contract", "alignment", "realloc_contents", "new_handler",
                                           "thread_limits", "fork_under_fire", "witness_c", "witness_cpp"),
                         [](const auto &info) { return std::string(info.param); });

class Books : public ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Books, BalanceUnderChurn) {
  Command command{{victim("churn")}};
  for (const auto &word : GetParam()) command.argv.push_back(word);
  command.deadline = std::chrono::seconds(400);
  const Metered metered = run_on_next(command);
  EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
  EXPECT_NE(metered.outcome.out.find("balanced after "), std::string::npos) << metered.outcome;
}

INSTANTIATE_TEST_SUITE_P(Loads, Books,
                         ::testing::Values(std::vector<std::string>{"1", "2000000", "peak"},
                                           std::vector<std::string>{"4", "2000000", "peak", "forks"},
                                           std::vector<std::string>{"16", "2000000", "threads"}),
                         [](const auto &info) { return "Threads" + info.param[0]; });

TEST(Next, BlocksAreGlibcs) {
  // Freed twice, glibc's own check would abort the program; the ledger sees it first.
  const Metered metered = run_on_next({{victim("double_free")}});
  EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
  EXPECT_EQ(metered.report["double_frees"], 4);
}

// What a program says of itself, on an allocator that is built on names in one way or another.
Reading read_on_built(const char *on, const char *name, const char *says) {
  const Meter meter;
  Command command{{victim(name)}};
  command.environment = meter.environment();
  command.environment["HEAPMETER_BACKEND"] = "next";
  command.environment["LD_PRELOAD"] =
      library().string() + ":" + victim("libbuilt_on_" + std::string(on) + ".so").string();
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << outcome;
  EXPECT_EQ(outcome.out, says);
  const auto reports = meter.reports();
  EXPECT_EQ(reports.size(), 1u);
  return reports.at(0);
}

// Of one that does wrong amid a realloc which calls free by its name.
Reading read_amid_resizing(const char *name) { return read_on_built("malloc_amid", name, "sound\n"); }

// What a signal's handler does meanwhile is not taken for the allocator's.
TEST(Next, TellsASecondFreeAmidTheResizingOfAnotherBlock) {
  const Reading report = read_amid_resizing("double_free_amid");
  EXPECT_EQ(report["double_frees"], 1) << "the program's; none of the allocator's own";
  EXPECT_EQ(report["foreign_frees"], 0);
  EXPECT_EQ(report["reallocations"], 3);
}

// A block whose resizing a handler jumped out of is no longer that allocator's to release.
TEST(Next, TellsASecondFreeOfABlockWhoseResizingWasLeft) {
  EXPECT_GE(read_amid_resizing("leaves_amid")["double_frees"], 1);
}

// Threads ask at once, and each of their calls comes back to us.
TEST(Next, BalancesOnAnAllocatorThatIsBuiltOnNames) {
  for (const char *on : {"free_on_realloc", "malloc", "reallocarray"}) {
    const Meter meter;
    Command command{{victim("churn"), "4", "2000000", "peak"}};
    command.environment = meter.environment();
    command.environment["HEAPMETER_BACKEND"] = "next";
    command.environment["LD_PRELOAD"] =
        library().string() + ":" + victim("libbuilt_on_" + std::string(on) + ".so").string();
    command.deadline = std::chrono::seconds(400);
    const Outcome outcome = run(command);
    EXPECT_TRUE(outcome.ok()) << on << outcome;
    EXPECT_NE(outcome.out.find("balanced after "), std::string::npos) << on << outcome;
  }
}

// Of their addresses it is only known that blocks have been there.
TEST(Next, TakesNoSecondFreeFromAnAllocatorsOwnBlocksWherePagesOfTheLedgerWent) {
  const Reading report = read_on_built("scratch_of_libc", "comes_again", "gone\n");
  for (const char *counter : {"double_frees", "foreign_frees", "inner_frees"})
    EXPECT_EQ(report[counter], 0) << counter;
  EXPECT_EQ(report["frees"], 8000);
}

// Of its address nothing was known before, and then as of its neighbours that blocks have been there.
TEST(Next, TakesNoSecondFreeFromAnAllocatorsOwnBlockThatLivedWhileItsPageWent) {
  const Reading report = read_on_built("scratch_meanwhile", "comes_again", "gone\n");
  for (const char *counter : {"double_frees", "foreign_frees", "inner_frees"})
    EXPECT_EQ(report[counter], 0) << counter;
  EXPECT_EQ(report["frees"], 8000);
}

// An allocator behind the meter whose parts call each other by their names, which are the meter's.
class BuiltOnNames : public ::testing::TestWithParam<const char *> {
 protected:
  static Outcome run_on(const std::string &libraries, Environment environment) {
    Command command{{victim("every_call")}};
    command.environment = std::move(environment);
    command.environment["HEAPMETER_BACKEND"] = "next";
    command.environment["LD_PRELOAD"] = library().string() + libraries;
    return run(command);
  }
  static Reading read_on(const std::string &libraries) {
    const Meter meter;
    const Outcome outcome = run_on(libraries, meter.environment());
    EXPECT_TRUE(outcome.ok()) << outcome;
    const auto reports = meter.reports();
    if (reports.size() != 1) throw std::runtime_error("no report");
    return reports[0];
  }
  static std::string behind() {
    return ":" + victim("libbuilt_on_" + std::string(GetParam()) + ".so").string();
  }
};

TEST_P(BuiltOnNames, CountsWhatTheProgramAsksForAlone) {
  const Reading plain = read_on(""), built = read_on(behind());
  for (const char *counter :
       {"allocations", "frees", "reallocations", "allocated_bytes", "freed_bytes", "live_blocks", "failures",
        "mismatches", "size_mismatches", "double_frees", "foreign_frees", "inner_frees"}) {
    EXPECT_EQ(built[counter], plain[counter]) << counter;
  }
}

TEST_P(BuiltOnNames, MakesNoFaultsAhead) {
  const Meter meter;
  Command command{{victim("every_call")}};
  command.environment = meter.environment();
  command.environment["HEAPMETER_BACKEND"] = "next";
  command.environment["LD_PRELOAD"] = behind().substr(1) + ":" + library().string();
  const Outcome outcome = run(command);
  EXPECT_TRUE(outcome.ok()) << outcome;
  for (const Reading &report : meter.reports())
    for (const char *counter :
         {"mismatches", "size_mismatches", "double_frees", "foreign_frees", "inner_frees"})
      EXPECT_EQ(report[counter], 0) << counter;
}

TEST_P(BuiltOnNames, IsPassedToWhenSwitchedOff) {
  const Outcome outcome = run_on(behind(), {{"HEAPMETER_OFF", "1"}});
  EXPECT_TRUE(outcome.ok()) << outcome;
}

// Whose reallocarray asks whoever is realloc in the process.
TEST_P(BuiltOnNames, IsToldFromALibraryOfOneCallBehindIt) {
  const Reading plain = read_on("");
  const Reading built = read_on(behind() + ":" + victim("libbuilt_on_only_reallocarray.so").string());
  for (const char *counter : {"allocations", "frees", "reallocations", "allocated_bytes", "double_frees"})
    EXPECT_EQ(built[counter], plain[counter]) << counter;
}

TEST_P(BuiltOnNames, IsGivenNoBlockFromBeforeTheStart) {
  for (const char *variable : {"HEAPMETER_OFF", "LD_BIND_NOW"}) {
    Command command{{victim("ifunc")}};
    command.environment = {{"LD_BIND_NOW", "1"}, {"HEAPMETER_BACKEND", "next"}, {variable, "1"}};
    command.environment["LD_PRELOAD"] = library().string() + behind();
    const Outcome outcome = run(command);
    EXPECT_TRUE(outcome.ok()) << variable << outcome;
    EXPECT_EQ(outcome.out, "42 0\n");
  }
}

INSTANTIATE_TEST_SUITE_P(Parts, BuiltOnNames,
                         ::testing::Values("malloc", "calloc", "realloc", "memalign", "itself",
                                           "aligned_alloc", "posix_memalign", "reallocarray", "scratch",
                                           "kept_block", "free_on_realloc", "free_on_cfree", "free_on_delete",
                                           "scratch_of_libc", "scratch_by_delete", "new_array",
                                           "only_reallocarray", "libcs_reallocarray"),
                         [](const auto &info) { return std::string(info.param); });

TEST(Next, SaysWhichFileItsMallocIsIn) {
  const Metered metered = run_on_next({{victim("witness_c")}});
  EXPECT_EQ(metered.report.fields().at("backend_library").as_string(), "libc.so.6");
  EXPECT_EQ(run_metered({{victim("witness_c")}}).report.fields().contains("backend_library"),
            !is_on_mimalloc());
  if (!std::filesystem::exists(victim("linked_with_jemalloc"))) return;
  const Metered other = run_on_next({{victim("linked_with_jemalloc")}});
  EXPECT_TRUE(
      std::string(other.report.fields().at("backend_library").as_string()).starts_with("libjemalloc.so"))
      << other.outcome;
}

// Before its constructor has run tcmalloc says of each block that nothing of it is usable: the C++ runtime's
// has 72,704 bytes by then.
TEST(Next, HasBlocksInTheBooksOfWhichTheAllocatorKnowsNothingYet) {
  if (!std::filesystem::exists(victim("linked_with_tcmalloc"))) return;
  Command command{{victim("linked_with_tcmalloc")}};
  command.environment["HEAPMETER_LEAKS"] = "exit";
  const Metered metered = run_on_next(command);
  EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
  EXPECT_GE(metered.report["usable_bytes"], metered.report["live_bytes"]);
  const auto &look = metered.report.fields().at("leaks").as_object();
  EXPECT_EQ(look.at("told_by_half").to_number<std::int64_t>(), 0) << look;
}

TEST(Next, CountsWhatMimallocCounts) {
  const Reading next = run_on_next({{victim("witness_c")}}).report;
  const Reading mimalloc = run_metered({{victim("witness_c")}}).report;
  for (const char *counter : {"allocations", "frees", "reallocations", "allocated_bytes", "freed_bytes",
                              "live_bytes", "peak_bytes", "reallocations_grown"}) {
    EXPECT_EQ(next[counter], mimalloc[counter]) << counter;
  }
}

// Whose options, of the same numbers, mean something else, and whose sizes have other classes.
TEST(Next, IsTheBackendWhereMimallocIsOfAnotherSeries) {
  Command command{{victim("witness_c")}};
  command.environment["LD_PRELOAD"] = victim("libother_mimalloc.so");
  const Metered metered = run_metered(command);
  EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
  EXPECT_EQ(
      metered.outcome.err,
      "heapmeter: this mimalloc is not of the series the library was built with; the program keeps its own "
      "allocator\n");
  EXPECT_EQ(metered.report.fields().at("backend").as_string(), "next");
  EXPECT_EQ(metered.report["allocations"], run_on_next({{victim("witness_c")}}).report["allocations"]);
}

}  // namespace
}  // namespace heapmeter::testing
