// SPDX-License-Identifier: MIT
#include "views/reading.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "tools/snapshot_text.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

bool has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

TEST(ReadingView, ShowsHumanUnitsOrExactOnes) {
  const Reading reading = parse_reading(snapshot_text({{"live_bytes", 4'096'000}, {"live_blocks", 1'234}}));
  const std::string human = reading_block(reading, "prog (123)", 8'192'000, Units{}, Paint(false));
  EXPECT_TRUE(has(human, "3.91 MiB in 1,234 blocks")) << human;
  EXPECT_TRUE(has(human, "7.81 MiB of the whole process")) << human;
  const std::string exact = reading_block(reading, "prog (123)", 8'192'000, Units{true}, Paint(false));
  EXPECT_TRUE(has(exact, "4096000 in 1234 blocks")) << exact;
}

TEST(ReadingView, NamesWhatItDoesNotKnow) {
  EXPECT_TRUE(has(reading_block(parse_reading(snapshot_text()), "p", std::nullopt, Units{}, Paint(false)),
                  "unknown"));
}

TEST(ReadingView, APeakIsARangeWhenItIsNotExact) {
  const auto peak = [](std::uint64_t bytes, std::uint64_t error, bool exact = false) {
    return peak_text(parse_reading(snapshot_text({{"peak_bytes", bytes}, {"peak_error_bytes", error}})),
                     Units{exact});
  };
  EXPECT_EQ(peak(128'000, 0), "   125 KiB");
  EXPECT_EQ(peak(128'000, 54'272), "  72.0 KiB to 178 KiB");
  EXPECT_EQ(peak(1'000'000'000, 1'000), "   954 MiB") << "what nobody would see";
  EXPECT_EQ(peak(1'000'000'000, 1'000, true), " 999999000 to 1000001000");
  EXPECT_EQ(peak(100'000, 131'072), "       0 B to 226 KiB") << "of an older library, which knew less";
  EXPECT_EQ(peak_text(parse_reading(snapshot_text()), Units{}, 0), "4.88 KiB");
}

TEST(ReadingView, TellsWrongCallsOneByOne) {
  const boost::json::object fault = {{"fault", "mismatch"},
                                     {"allocated_by", "new_array"},
                                     {"released_by", "free"},
                                     {"bytes", 40},
                                     {"count", 3}};
  const Reading reading = parse_reading(
      snapshot_text({{"mismatches", 3}, {"double_frees", 1}, {"faults", boost::json::array{fault}}}));
  const std::string lines = fault_lines(reading, Units{}, Paint(false));
  EXPECT_TRUE(has(lines, "3 released by the wrong call, 1 released twice")) << lines;
  EXPECT_TRUE(has(lines, "3x a block of 40 B made by new[] released by free")) << lines;
  EXPECT_TRUE(has(fault_lines(parse_reading(snapshot_text()), Units{}, Paint(false)), "none"));
}

TEST(ReadingView, ColoursOnlyWhenAsked) {
  const Reading reading = parse_reading(snapshot_text());
  EXPECT_FALSE(has(reading_block(reading, "p", 1, Units{}, Paint(false)), "\x1b["));
  EXPECT_TRUE(has(reading_block(reading, "p", 1, Units{}, Paint(true)), "\x1b["));
}

TEST(ReadingView, EndsColoursWithTheLine) { EXPECT_EQ(Paint(true).title("a\n"), "\x1b[1ma\x1b[0m\n"); }

TEST(ReadingView, ShowsNoControlCharactersOfOthers) {
  EXPECT_EQ(printable("a\x1b[31mb\nc"), "a?[31mb?c");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "31m \xc2\xa0\xc3\xa9\xc2"),
            "a?31m \xc2\xa0\xc3\xa9?");
  // Control characters of eight bits, text turned round, and what is no UTF-8.
  EXPECT_EQ(printable("a\u009b31m\u202egnp.exe\xffz"), "a?31m?gnp.exe?z");
  EXPECT_EQ(printable("caf\u00e9 \u2192"), "caf\u00e9 \u2192");
  EXPECT_FALSE(
      has(reading_block(parse_reading(snapshot_text()), "evil\x1b]0;", 1, Units{}, Paint(false)), "\x1b"));
}

TEST(ReadingBlock, SaysNoSizeOfABlockThatWasReleasedBefore) {
  const Fault fault{
      .fault = "double_free", .allocated_by = "", .released_by = "free", .bytes = 0, .count = 1};
  EXPECT_EQ(fault_text(fault, Units{}), "a block released again by free");
}

TEST(ReadingBlock, FitsEightyColumns) {
  heapmeter::cli::Reading reading = parse_reading(snapshot_text());
  reading.allocations_by_kind = {{"new_array_nothrow", 12'345'678}, {"aligned_alloc", 1}};
  reading.frees_by_kind = {{"delete_array_sized", 12'345'678}};
  const std::string block = reading_block(reading, "x", 1, Units{}, Paint(false));
  std::istringstream lines(block);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_TRUE(has(block, "sized delete[]      12,345,678\n")) << block;
}

}  // namespace
