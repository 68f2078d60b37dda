// SPDX-License-Identifier: MIT
#include "readings/account.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include <sstream>

#include "client/client.h"
#include "support/meter.h"
#include "text/table.h"
#include "tools/readings/sample_account.h"
#include "views/account.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

constexpr std::uint64_t kKiB = 1024;

std::string golden(const std::string &name) {
  return read_file(source_root() / "tests" / "tools" / "golden" / name);
}

TEST(Account, GivesEachMappingToOneHolder) {
  const Account account = make_account(sample_input());
  EXPECT_EQ(account.of(Holder::kHeap).resident_bytes, (6144 + 1024) * kKiB);
  EXPECT_EQ(account.of(Holder::kHeap).swap_bytes, 128 * kKiB);
  EXPECT_EQ(account.of(Holder::kMeter).resident_bytes, (200 + 4 + 4 + 4 + 60) * kKiB);
  EXPECT_EQ(account.meter_ledger_bytes, 200 * kKiB) << "smaps decides where a mapping is the meter's alone";
  EXPECT_EQ(account.meter_slot_bytes, 4 * kKiB);
  EXPECT_EQ(account.meter_library_bytes, 68 * kKiB);
  EXPECT_EQ(account.of(Holder::kStacks).resident_bytes, (40 + 36) * kKiB);
  EXPECT_EQ(account.of(Holder::kProgram).resident_bytes, (512 + 4 + 16 + 4) * kKiB)
      << "with its .bss, and the kernel's code in it";
  EXPECT_EQ(account.of(Holder::kFiles).resident_bytes, 64 * kKiB);
  EXPECT_EQ(account.of(Holder::kShared).resident_bytes, 64 * kKiB);
  EXPECT_EQ(account.of(Holder::kOther).resident_bytes, (2048 + 96) * kKiB);
}

TEST(Account, SaysThatItMovedWhereItsReadingsDisagree) {
  Account account = make_account(sample_input());
  account.resident_bytes = account.explained_bytes();
  const std::uint64_t below_nothing = account.disagreement_bytes();
  account.resident_bytes += 100 << 20;
  EXPECT_EQ(account.disagreement_bytes(), below_nothing + (100 << 20));
  EXPECT_TRUE(account.moved());
  const std::string text = account_text(account, "p", Units{}, Paint(false), true, 0);
  EXPECT_NE(text.find("  disagreement   100 MiB ("), std::string::npos) << text;
  EXPECT_NE(text.find("it moved while it was read"), std::string::npos) << text;
  EXPECT_NE(text.find("--tries"), std::string::npos) << text;
  account.resident_bytes -= 100 << 20;
  EXPECT_EQ(account_text(account, "p", Units{}, Paint(false), true, 0).find("disagreement"),
            std::string::npos);
}

TEST(Account, AddsUp) {
  const Account account = make_account(sample_input());
  std::uint64_t listed = 0;
  for (const Mapping &mapping : parse_smaps(golden("account_smaps.txt"))) {
    listed += mapping.resident_bytes;
  }
  EXPECT_EQ(account.explained_bytes(), listed);
  EXPECT_EQ(account.remainder_bytes(), static_cast<std::int64_t>(10500 * kKiB - listed));
  EXPECT_EQ(account.committed_bytes, (8u << 20) + (2u << 20)) << "what is reserved is not committed";
  EXPECT_EQ(account.rounding_bytes(), 1'000'000);
  EXPECT_EQ(account.free_bytes(), (10 << 20) - 6'000'000);
}

// Stacks of threads as the kernel lists them since 6.7, where those that were asked for as stacks have no
// huge pages; or before, when they look like anything.
Account with_guards(const std::string &flags) {
  AccountInput input;
  input.heap.meter = {{"service", {0x7f0001000000, 0x7f0001100000}, 8192}};
  const std::string stack = "\nVmFlags: rd wr" + flags, guard = "\nVmFlags: mr" + flags;
  input.mappings =
      parse_smaps("7f0000000000-7f0000001000 ---p 00000000 00:00 0 " + guard +
                  "\n7f0000001000-7f0000101000 rw-p 00000000 00:00 0 \nRss: 16 kB" + stack +
                  "\n7f0000101000-7f0000201000 ---p 00000000 00:00 0 " + guard +
                  "\n7f0000201000-7f0000301000 rw-p 00000000 00:00 0 \nRss: 32 kB" + stack +
                  "\n7f0000800000-7f0000801000 ---p 00000000 00:00 0 \nVmFlags: mr" +
                  "\n7f0000801000-7f0000901000 rw-p 00000000 00:00 0 \nRss: 64 kB\nVmFlags: rd wr" +
                  "\n7f0000a00000-7f0000a01000 ---p 00000000 00:00 0 " + guard +
                  "\n7f0000a01000-7f0000b01000 rwxp 00000000 00:00 0 \nRss: 128 kB" + stack +
                  "\n7f0001000000-7f0001100000 rw-p 00000000 00:00 0 \nRss: 8 kB" + stack);
  return make_account(input);
}

TEST(Account, TellsStacksFromOtherGuardedMemory) {
  const Account marked = with_guards(" nh");
  EXPECT_EQ(marked.of(Holder::kStacks).resident_bytes, (16 + 32) * kKiB) << "however large the guard";
  EXPECT_EQ(marked.of(Holder::kOther).resident_bytes, (64 + 128) * kKiB) << "an arena, code made at run time";
  const Account unmarked = with_guards("");
  EXPECT_EQ(unmarked.of(Holder::kStacks).resident_bytes, (16 + 64) * kKiB) << "by the size of the guard";
  EXPECT_EQ(unmarked.of(Holder::kOther).resident_bytes, (32 + 128) * kKiB);
}

TEST(Account, TellsAStackFromWhatIsMappedRightAboveIt) {
  AccountInput input;
  input.mappings = parse_smaps(
      "7f0000000000-7f0000001000 ---p 00000000 00:00 0 \n"
      "7f0000001000-7f0000a00000 rw-p 00000000 00:00 0 \nRss: 3000 kB\n");
  input.resident_in = [](Range range) { return range.bytes() / 8; };
  EXPECT_EQ(make_account(input).of(Holder::kStacks).resident_bytes, 3000 * kKiB) << "without a limit";
  input.stack_limit = 8 << 20;
  const Account account = make_account(input);
  EXPECT_EQ(account.of(Holder::kStacks).resident_bytes, ((8 << 20) - 4096) / 8);
  EXPECT_EQ(account.of(Holder::kOther).resident_bytes, 3000 * kKiB - ((8 << 20) - 4096) / 8);
}

TEST(Account, KnowsAStackByItsName) {
  AccountInput input;
  input.mappings = parse_smaps(
      "7f0000001000-7f0000101000 rw-p 00000000 00:00 0   [anon: glibc: pthread stack: 4711]\nRss: 16 kB\n"
      "7f0000201000-7f0000301000 rw-p 00000000 00:00 0   [anon: glibc: loader malloc]\nRss: 32 kB");
  const Account account = make_account(input);
  EXPECT_EQ(account.of(Holder::kStacks).resident_bytes, 16 * kKiB);
  EXPECT_EQ(account.of(Holder::kOther).resident_bytes, 32 * kKiB);
}

// The kernel makes one mapping of a library's data that is in no file and a block above it.
constexpr const char *kLibraryAndWhatIsBehind =
    "7f0000000000-7f0000001000 r-xp 00000000 fe:00 11   /usr/lib/library.so\nRss: 4 kB\n"
    "7f0000001000-7f0000002000 rw-p 00001000 fe:00 11   /usr/lib/library.so\nRss: 4 kB\n"
    "7f0000002000-7f0000502000 rw-p 00000000 00:00 0 \nRss: 2100 kB";

TEST(Account, FindsTheBlockBesideTheDataOfALibrary) {
  AccountInput input;
  input.heap.heap_blocks = {{0x7f0000002000, 0x7f0000402000}};
  input.resident_in = [](Range range) { return range.bytes() / 2; };
  input.mappings = parse_smaps(kLibraryAndWhatIsBehind);
  const Account account = make_account(input);
  EXPECT_EQ(account.of(Holder::kHeap).resident_bytes, 2048 * kKiB);
  EXPECT_EQ(account.committed_bytes, 4096 * kKiB);
  EXPECT_EQ(account.of(Holder::kProgram).resident_bytes, (4 + 4) * kKiB);
  EXPECT_EQ(account.of(Holder::kOther).resident_bytes, 52 * kKiB) << "above the block";
}

TEST(Account, EndsALibraryWhereItsFileSaysSo) {
  AccountInput input;
  input.heap.heap_blocks = {{0x7f0000102000, 0x7f0000302000}};
  input.resident_in = [](Range range) { return range.bytes() / 2; };
  input.data_end = [](const Mapping &file) { return file.start + file.offset + 0x40000; };
  input.mappings = parse_smaps(kLibraryAndWhatIsBehind);
  const Account account = make_account(input);
  EXPECT_EQ(account.of(Holder::kProgram).resident_bytes, (4 + 4 + 128) * kKiB);
  EXPECT_EQ(account.of(Holder::kHeap).resident_bytes, 1024 * kKiB);
  EXPECT_EQ(account.of(Holder::kOther).resident_bytes, (2100 - 128 - 1024) * kKiB);
  input.data_end = [](const Mapping &file) { return file.end; };
  EXPECT_EQ(make_account(input).of(Holder::kProgram).resident_bytes, (4 + 4) * kKiB);
}

TEST(Account, TellsTheSlotsInTheMetersLibraryFromItsOtherData) {
  AccountInput input;
  input.heap.meter = {{"slots", {0x7f0000102000, 0x7f0000182000}, 40 * kKiB}};
  std::string smaps = kLibraryAndWhatIsBehind;
  for (std::size_t at; (at = smaps.find("/library.so")) != smaps.npos;)
    smaps.replace(at, 11, "/libheapmeter.so");
  input.mappings = parse_smaps(smaps);
  for (const bool readable : {true, false}) {
    if (readable)
      input.data_end = [](const Mapping &file) { return file.start + 0x500000 + 0x1000; };
    else
      input.data_end = nullptr;
    // The rest of what seems to be there is the page of zeros.
    input.resident_in = [](Range range) { return range.bytes() / 2; };
    const Account account = make_account(input);
    EXPECT_EQ(account.meter_slot_bytes, 40 * kKiB);
    EXPECT_EQ(account.meter_library_bytes, (4 + 4 + 2100 - 40) * kKiB);
    EXPECT_EQ(account.of(Holder::kMeter).resident_bytes, (4 + 4 + 2100) * kKiB);
    EXPECT_EQ(account.of(Holder::kOther).resident_bytes, 0u);
  }
}

TEST(Account, HasWhatMayNoLongerBeTouchedAmongTheCommitted) {
  AccountInput input;
  input.heap.heap_blocks = {{0x7f0000000000, 0x7f0000400000}};
  input.heap.usable_bytes = 4 << 20;
  input.mappings = parse_smaps(
      "7f0000000000-7f0000200000 rw-p 00000000 00:00 0 \nRss: 2048 kB\n"
      "7f0000200000-7f0000400000 ---p 00000000 00:00 0 \nRss: 1024 kB\nSwap: 1024 kB\n");
  const Account account = make_account(input);
  EXPECT_EQ(account.committed_bytes, 4u << 20);
  EXPECT_EQ(account.free_bytes(), 0);
  EXPECT_EQ(account.not_resident_bytes(), 1 << 20);
}

TEST(Account, KnowsByHowMuchItsReadingsDisagree) {
  AccountInput input;
  input.heap.heap = {{4096, 12288}};
  input.heap.usable_bytes = 10'000;
  input.heap.live_bytes = 9'000;
  input.mappings = parse_smaps("1000-3000 rw-p 00000000 00:00 0 \nRss: 4 kB");
  input.resident_bytes = 4000;
  EXPECT_EQ(make_account(input).disagreement_bytes(), 96u + (10'000 - 8192));
  input.heap.usable_bytes = 8192;
  input.heap.live_bytes = 8193;
  input.resident_bytes = 4096;
  EXPECT_EQ(make_account(input).disagreement_bytes(), 1u);
}

TEST(Account, KnowsHowMuchOfTheHeapCameInHugePages) {
  AccountInput input;
  input.heap.heap = {{0x20000000000, 0x20004000000}};
  input.mappings = parse_smaps(
      "20000000000-20004000000 rw-p 00000000 00:00 0 \nRss: 33000 kB\nAnonHugePages: 32768 kB\n"
      "7f0000000000-7f0000400000 rw-p 00000000 00:00 0 \nRss: 4096 kB\nAnonHugePages: 4096 kB");
  EXPECT_EQ(make_account(input).heap_huge_bytes, 32768 * kKiB);
}

TEST(Account, HasHugePagesInNoLine) {
  AccountInput input;
  input.mappings = parse_smaps(
      "7f0000000000-7f0004000000 rw-p 00000000 00:0f 12 /anon_hugepage (deleted)\n"
      "Rss: 0 kB\nPrivate_Hugetlb: 2048 kB\nVmFlags: rd wr de ht");
  const Account account = make_account(input);
  EXPECT_EQ(account.huge_page_bytes, 2u << 20);
  EXPECT_EQ(account.of(Holder::kFiles).mappings, 0u);
}

TEST(Account, WithoutPagesToLookAtTakesWhatTheLibrarySays) {
  AccountInput input = sample_input();
  input.resident_in = nullptr;
  const Account account = make_account(input);
  EXPECT_EQ(account.meter_slot_bytes, 8 * kKiB);
  EXPECT_EQ(account.of(Holder::kHeap).resident_bytes, (6144 + 2048) * kKiB);
  EXPECT_EQ(account.explained_bytes(), make_account(sample_input()).explained_bytes());
}

// Behind a library's data one mapping: a page of it, the ledger, and what the program mapped itself.
AccountInput neighbours_input() {
  AccountInput input;
  input.heap = parse_heap_map(R"({"pid": 1, "start_time": 5, "name": "prog", "backend": "mimalloc",
    "live_bytes": 0, "live_blocks": 0, "usable_bytes": 0, "heap": [], "heap_blocks": [],
    "meter": [{"part": "ledger", "start": 8192, "end": 73728, "resident_bytes": 16384}]})");
  input.mappings = parse_smaps(
      "0000-0800 r-xp 00000000 fe:00 10 /lib/a.so\nRss: 2 kB\n"
      "0800-1000 rw-p 00001000 fe:00 10 /lib/a.so\nRss: 2 kB\n"
      "1000-22000 rw-p 00000000 00:00 0\nRss: 132 kB\n");
  input.resident_in = [](Range range) { return range.bytes(); };
  return input;
}

TEST(Account, TellsAFilesDataFromWhatIsMappedBehindIt) {
  AccountInput input = neighbours_input();
  input.data_end = [](const Mapping &file) { return file.offset + 0x1000; };
  const Account account = make_account(input);
  EXPECT_EQ(account.of(Holder::kProgram).resident_bytes, 8 * kKiB);
  EXPECT_EQ(account.meter_ledger_bytes, 64 * kKiB);
  EXPECT_EQ(account.of(Holder::kOther).resident_bytes, 64 * kKiB);
}

TEST(Account, TakesWhatFollowsAnUnreadableFileForItsDataUpToWhatIsKnown) {
  AccountInput input = neighbours_input();
  input.data_end = [](const Mapping &) { return std::nullopt; };
  const Account account = make_account(input);
  EXPECT_EQ(account.of(Holder::kProgram).resident_bytes, 8 * kKiB);
  EXPECT_EQ(account.meter_ledger_bytes, 64 * kKiB);
  EXPECT_EQ(account.of(Holder::kOther).resident_bytes, 64 * kKiB);
}

TEST(Account, OfAProcessWithoutAnythingIsNothing) {
  const Account account = make_account({});
  EXPECT_EQ(account.explained_bytes(), 0u);
  EXPECT_FALSE(account_text(account, "p", Units{}, Paint(false), true, 0).empty());
}

TEST(Account, IsShownAsATable) {
  const Account account = make_account(sample_input());
  EXPECT_EQ(account_text(account, "prog (123)", Units{}, Paint(false), true, 0), golden("account.txt"));
  EXPECT_EQ(account_text(account, "prog (123)", Units{true}, Paint(false), false, 0),
            golden("account_ascii.txt"));
}

TEST(Account, FitsANarrowTerminal) {
  const Account account = make_account(sample_input());
  EXPECT_EQ(account_text(account, "prog (123)", Units{}, Paint(false), true, 80), golden("account_80.txt"));
  for (const bool exact : {false, true}) {
    for (const int columns : {66, 80, 100, 120, 300}) {
      std::istringstream lines(
          account_text(account, "prog (123)", Units{exact}, Paint(false), true, columns));
      for (std::string line; std::getline(lines, line);)
        EXPECT_LE(display_width(line), static_cast<std::size_t>(columns)) << line;
    }
  }
}

TEST(HeapMap, IsInTheOrderOfAddresses) {
  const HeapMap map = parse_heap_map(R"({"pid": 1, "start_time": 5, "name": "", "backend": "next",
    "live_bytes": 0, "live_blocks": 0, "usable_bytes": 0, "meter": [],
    "heap": [[4096, 8192], [0, 1024], [5000, 9000], [512, 1024]], "heap_blocks": []})");
  ASSERT_EQ(map.heap.size(), 2u);
  EXPECT_EQ(map.heap[0].end, 1024u);
  EXPECT_EQ(map.heap[1].start, 4096u);
  EXPECT_EQ(map.heap[1].end, 9000u);
  EXPECT_EQ(overlapping(map.heap, {1000, 4097}).size(), 2u);
  EXPECT_TRUE(overlapping(map.heap, {1024, 4096}).empty());
  EXPECT_TRUE(overlapping(map.heap, {9000, 9999}).empty());
}

TEST(HeapMap, RefusesWhatIsNotOne) {
  for (const char *text : {"", "[]", "{}", R"({"pid": "x"})", R"({"pid": 1, "start_time": -5})"}) {
    EXPECT_THROW(parse_heap_map(text), NoAnswer) << text;
  }
}

TEST(Smaps, PassesOverWhatItDoesNotKnow) {
  EXPECT_TRUE(parse_smaps("").empty());
  EXPECT_TRUE(parse_smaps("Rss: 5 kB\nrubbish\n12-").empty());
  const auto mappings =
      parse_smaps("1000-3000 rw-p 00000000 00:00 0 \nNew: thing\nRss: 8 kB\nPrivate_Hugetlb: 4 kB");
  ASSERT_EQ(mappings.size(), 1u);
  EXPECT_EQ(mappings[0].bytes(), 0x2000u);
  EXPECT_EQ(mappings[0].name, "");
  EXPECT_EQ(mappings[0].resident_bytes, 8192u);
  EXPECT_EQ(mappings[0].huge_page_bytes, 4096u);
}

}  // namespace
