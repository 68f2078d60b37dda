// SPDX-License-Identifier: MIT
//
// What is told of each thread, and what threads, blocks and the meter's own memory cost.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "support/http.h"
#include "support/meter.h"

namespace heapmeter::testing {
namespace {

std::int64_t number(const boost::json::object &object, const char *field) {
  return object.at(field).to_number<std::int64_t>();
}

TEST(Threads, EachHasItsOwnFiguresAndTheDeadAreSummed) {
  Meter meter;
  Command command{{victim("crew")}};
  command.environment = meter.environment();
  Process crew(command);
  ASSERT_TRUE(eventually([&] { return crew.out() == "ready\n"; })) << crew.err();
  const auto answer = get(meter.socket_of(crew.pid()), "/v1/threads").json().as_object();
  std::map<std::string, boost::json::object> threads;
  std::int64_t sum = number(answer.at("exited").as_object(), "allocated_bytes");
  for (const auto &item : answer.at("threads").as_array()) {
    const auto &thread = item.as_object();
    threads[std::string(thread.at("name").as_string())] = thread;
    sum += number(thread, "allocated_bytes");
    EXPECT_TRUE(std::filesystem::exists("/proc/" + std::to_string(crew.pid()) + "/task/" +
                                        std::to_string(number(thread, "tid"))));
  }
  ASSERT_EQ(threads.size(), 4U) << answer;
  EXPECT_EQ(threads.count("crew"), 1U);
  int blocks = 0;
  for (const char *name : {"one", "two", "three"}) {
    blocks += 10;
    const auto &thread = threads.at(name);
    EXPECT_EQ(number(thread, "allocations"), blocks) << name;
    EXPECT_EQ(number(thread, "allocated_bytes"), blocks * 2003) << name;
    EXPECT_EQ(number(thread, "frees"), 0) << name;
  }
  const auto &exited = answer.at("exited").as_object();
  EXPECT_EQ(number(exited, "allocated_bytes"), 30 * 2003);
  EXPECT_EQ(number(exited, "allocations"), 30);
  const Reading snapshot = meter.snapshot(crew.pid());
  EXPECT_EQ(snapshot["threads"], 4);
  EXPECT_EQ(snapshot["allocated_bytes"], sum);
  crew.signal(SIGTERM);
  EXPECT_TRUE(crew.wait().ok());
}

TEST(Threads, SlotsAreUsedAgain) {
  const Reading few = run_metered({{victim("parade"), "10"}}).report;
  const Reading many = run_metered({{victim("parade"), "20000"}}).report;
  EXPECT_GE(many["allocations"] - few["allocations"], 19990);
  EXPECT_EQ(many["meter_slot_bytes"], few["meter_slot_bytes"]);
  EXPECT_EQ(many["threads"], few["threads"]);
}

// Nobody is told of their end: they are asked for.
TEST(Threads, SlotsOfThoseThatLeaveWithoutAWordAreUsedAgain) {
  for (const char *way : {"barely", "late"}) {
    Command few{{victim("leaves_without_a_word"), way, "10"}},
        many{{victim("leaves_without_a_word"), way, "1000"}};
    // Bare mimalloc keeps a heap for each of them.
    few.environment["HEAPMETER_BACKEND"] = many.environment["HEAPMETER_BACKEND"] = "next";
    const Reading before = run_metered(few).report, after = run_metered(many).report;
    EXPECT_EQ(after["allocations"] - before["allocations"], 990 + after["frees"] - before["frees"]) << way;
    EXPECT_EQ(after["live_bytes"] - before["live_bytes"], 990'000) << way;
    EXPECT_GE(after["peak_bytes"] + after["peak_error_bytes"], after["live_bytes"]) << way;
    EXPECT_LE(after["threads"], 64) << way;
    EXPECT_LE(after["meter_slot_bytes"], 7 * before["meter_slot_bytes"]) << way;
  }
}

// The child has gone, and its number means nothing; the slot is its parent's, who uses the same storage.
TEST(Threads, AVforkChildsSlotIsItsParents) {
  Command command{{victim("leaves_without_a_word"), "vfork", "62"}};
  command.environment["HEAPMETER_SERVE"] = "off";
  EXPECT_EQ(run_metered(command).report["threads"], 3) << "the first one, it, and the last that came";
}

// Its first call is libc's, after the last that a thread is told of its end.
TEST(Threads, OneThatOnlyFreesAsItEndsTakesNone) {
  const Reading report = run_metered({{victim("onlookers"), "100"}}).report;
  EXPECT_GE(report["frees"], 500) << "libc frees nothing in them";
  EXPECT_LE(report["threads"], 1);
}

TEST(Threads, ThatAllocateForTheFirstTimeAtOnceAreAllCounted) {
  Command command{{victim("pool_begins"), "3000"}};
  command.environment["HEAPMETER_SERVE"] = "off";
  command.environment["LD_PRELOAD"] = library();
  command.deadline = std::chrono::seconds(300);
  const Outcome outcome = run(command);
  EXPECT_EQ(outcome.out, "3000 children, 0 with wrong books\n") << outcome;
}

TEST(Threads, ThePeakOfASmallProgramIsARangeOfWhatItMayBe) {
  const Reading report = run_metered({{victim("parade"), "10"}}).report;
  const std::int64_t least = report["peak_bytes"] - report["peak_error_bytes"];
  const std::int64_t most = report["peak_bytes"] + report["peak_error_bytes"];
  EXPECT_GT(report["peak_error_bytes"], 0) << "more threads than one";
  EXPECT_GE(least, report["live_bytes"]);
  EXPECT_LE(most, report["allocated_bytes"] + 1);
}

std::int64_t resident_bytes(const std::string &preload, const std::vector<std::string> &argv) {
  Command command{argv};
  command.environment["LD_PRELOAD"] = preload;
  command.environment["HEAPMETER_SERVE"] = "off";
  Process process(command);
  EXPECT_TRUE(eventually([&] { return process.out() == "ready\n"; }, std::chrono::seconds(60)))
      << process.err();
  std::ifstream statm("/proc/" + std::to_string(process.pid()) + "/statm");
  std::int64_t size = 0, resident = 0;
  statm >> size >> resident;
  process.signal(SIGTERM);
  EXPECT_TRUE(process.wait().ok());
  return resident * 4096;
}

// The bar: its allocator's resident memory alone, a sixteenth of it for the ledger, and a mebibyte.
TEST(Cost, ResidentMemoryStaysWithinTheBar) {
  for (const auto &[count, bytes] :
       {std::pair{"1000000", "60"}, {"100000", "1000"}, {"300", "400000"}, {"1", "1"}}) {
    const std::vector<std::string> argv{victim("holder"), count, bytes};
    const std::int64_t bare =
        resident_bytes(is_on_mimalloc() ? bare_mimalloc() : std::filesystem::path(), argv);
    const std::int64_t metered = resident_bytes(library(), argv);
    EXPECT_LE(metered, bare + bare / 16 + (1 << 20))
        << count << " blocks of " << bytes << " bytes: bare " << bare;
  }
}

TEST(Cost, MeterSaysWhatItTakes) {
  const auto [outcome, report] = run_metered({{victim("ending"), "exit"}});
  EXPECT_EQ(outcome.exit_code, 3);
  EXPECT_GT(report["meter_ledger_bytes"], 0);
  EXPECT_GT(report["meter_slot_bytes"], 0);
  EXPECT_LT(report["meter_bytes"], 1 << 20) << "a small program must not pay for a large one";
}

// Pages of the ranges that are there and nobody else's: the kernel's page of zeros is neither.
std::int64_t written_bytes(pid_t pid, const boost::json::array &mappings, std::string_view part) {
  constexpr std::int64_t kPage = 4096;
  constexpr int kExclusive = 56, kPresent = 63;
  const int pagemap = open(("/proc/" + std::to_string(pid) + "/pagemap").c_str(), O_RDONLY | O_CLOEXEC);
  std::int64_t pages = 0;
  for (const auto &item : mappings) {
    const auto &mapping = item.as_object();
    if (mapping.at("part").as_string() != part) continue;
    const std::int64_t first = number(mapping, "start") / kPage, last = number(mapping, "end") / kPage;
    std::vector<std::uint64_t> entries(static_cast<std::size_t>(last - first));
    const auto bytes = static_cast<ssize_t>(entries.size() * sizeof entries[0]);
    EXPECT_EQ(pread(pagemap, entries.data(), static_cast<std::size_t>(bytes), first * 8), bytes);
    for (const std::uint64_t entry : entries)
      pages += (entry >> kExclusive & 1u) != 0 && (entry >> kPresent & 1u) != 0;
  }
  close(pagemap);
  return pages * kPage;
}

TEST(Cost, EveryPageTellsTheSameOfTheSlotsAsTheKernel) {
  Meter meter;
  Command command{{victim("crew")}};
  command.environment = meter.environment();
  Process crew(command);
  ASSERT_TRUE(eventually([&] { return crew.out() == "ready\n"; })) << crew.err();
  const auto account = [&] {
    return get(meter.socket_of(crew.pid()), "/v1/account").json().as_object().at("meter").as_array();
  };
  account();  // whatever a reading touches is touched now
  const auto mappings = account();
  std::int64_t slots = 0;
  for (const auto &item : mappings)
    if (item.as_object().at("part").as_string() == "slots")
      slots += number(item.as_object(), "resident_bytes");
  EXPECT_GT(slots, 4 * 4096) << "a page a thread, and what the first one wrote";
  EXPECT_EQ(slots, written_bytes(crew.pid(), mappings, "slots"));
  EXPECT_TRUE(eventually([&] { return meter.snapshot(crew.pid())["meter_slot_bytes"] == slots; }));
  crew.signal(SIGTERM);
  EXPECT_TRUE(crew.wait().ok());
}

// --- the library linked, preloaded or absent

TEST(Interface, LinkedProgramReadsItself) {
  const Outcome outcome = run({{victim("linked")}});
  EXPECT_EQ(outcome.out, "version 0.1.0\nallocated 12345 bytes in 1 block\n") << outcome;
}

TEST(Interface, CppHeaderWorksWithAndWithoutTheLibrary) {
  const Outcome plain = run({{victim("scope")}});
  EXPECT_EQ(plain.out,
            "not metered, net 0, process unknown\nspent refused, thread refused, process refused\n")
      << plain;
  const Metered metered = run_metered({{victim("scope")}});
  EXPECT_EQ(metered.outcome.out,
            "metered, kept 4000 and a bit\n0 reallocations, 1 blocks more\ninner: 77 bytes, net 0\n"
            "a thread that only frees: 1\nprocess: more\n"
            "spent read, thread read, process read\n");
}

}  // namespace
}  // namespace heapmeter::testing
