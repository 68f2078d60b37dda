// SPDX-License-Identifier: MIT
#include "run/tree.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "run/program_order.h"
#include "run/tree_view.h"
#include "tools/golden.h"
#include "tools/snapshot_text.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

constexpr std::int64_t kSecond = 1'000'000'000;

// Alive from one second to another, by a report.
Relative relative(const std::string &name, json::object fields, std::int64_t from, std::int64_t to) {
  fields["name"] = name;
  fields["counting_since_ns"] = from * kSecond;
  fields["monotonic_ns"] = to * kSecond;
  fields["uptime_seconds"] = to - from;
  json::object report = snapshot_object();
  for (const auto &field : fields) report[field.key()] = field.value();
  heapmeter::cli::Reading reading = reading_of(report);
  reading.fields = report;
  return of_report(std::move(reading));
}

Tree tree(const std::vector<Relative> &all, std::uint64_t seen = 0) {
  std::vector<const Relative *> pointers;
  for (const Relative &each : all) pointers.push_back(&each);
  return tree_of(pointers, seen);
}

TEST(Tree, SumsWithoutWhatAForkBeganWith) {
  const Tree sum =
      tree({relative("sh", {{"allocations", 100}, {"allocated_bytes", 900}}, 0, 9),
            relative("sh",
                     {{"allocations", 103},
                      {"allocated_bytes", 950},
                      {"live_bytes", 4100},
                      {"before_fork", {{"allocations", 90}, {"allocated_bytes", 800}, {"live_bytes", 4050}}}},
                     2, 3)});
  EXPECT_EQ(sum.sum.allocations, 113u);
  EXPECT_EQ(sum.sum.allocated_bytes, 1050u);
  EXPECT_EQ(sum.sum.live_bytes, 4050u);
  EXPECT_FALSE(sum.forks_unknown);
  EXPECT_TRUE(tree({relative("sh", {{"before_fork", nullptr}}, 0, 9)}).forks_unknown);
}

// Of a library from before it told of a count there: rather told twice than not at all.
TEST(Tree, TakesForItsOwnWhatALibraryDoesNotTellOfTheFork) {
  const Tree sum =
      tree({relative("sh", {{"uncounted_blocks", 3}}, 0, 9),
            relative("sh", {{"uncounted_blocks", 4}, {"before_fork", {{"uncounted_blocks", 3}}}}, 1, 2),
            relative("sh", {{"uncounted_blocks", 5}, {"before_fork", {{"allocations", 90}}}}, 2, 3)});
  EXPECT_EQ(sum.sum.uncounted_blocks, 3u + 1 + 5);
}

TEST(Tree, AddsUpThePeaksOfThoseWhoLivedAtTheSameTime) {
  const std::vector<Relative> all = {relative("a", {{"peak_bytes", 1000}}, 0, 10),
                                     relative("b", {{"peak_bytes", 500}}, 1, 2),
                                     relative("b", {{"peak_bytes", 700}}, 3, 4)};
  EXPECT_EQ(tree(all).together_most, 1700u);
  EXPECT_EQ(tree(all).together_least, 1000u) << "one alone had that";
  EXPECT_EQ(tree(all, 1300).together_least, 1300u) << "that was read";
  EXPECT_EQ(tree(all).sum.peak_bytes, 1700u);
  // A forked child's peak is its parent's too, but for what it added.
  EXPECT_EQ(tree({relative("a", {{"peak_bytes", 1000}}, 0, 10),
                  relative("a", {{"peak_bytes", 1100}, {"before_fork", {{"live_bytes", 900}}}}, 1, 2)})
                .together_most,
            1200u);
}

TEST(Tree, KnowsWhatAProgramWasAt) {
  EXPECT_EQ(telling_word({"cc1", "-quiet", "-imultiarch", "x86_64-linux-gnu", "src/a.c", "-o", "/tmp/cc.s"}),
            "a.c");
  EXPECT_EQ(telling_word({"as", "--64", "-o", "a.o", "/tmp/cc.s"}), "a.o");
  EXPECT_EQ(telling_word({"git", "status"}), "status");
  EXPECT_EQ(telling_word({"python3", "-u", "work/er.py", "3"}), "er.py");
  EXPECT_EQ(telling_word({"bash", "-c", "echo one\necho two"}), "echo one");
  EXPECT_EQ(telling_word({"true"}), "");
  EXPECT_EQ(telling_word({}), "");
}

Tree of_a_build() {
  std::vector<Relative> all = {
      relative("make", {{"peak_bytes", 172 << 10}, {"rss_peak_bytes", 3 << 20}, {"cpu_seconds", 0.016}}, 0,
               9),
      relative("cc1plus",
               {{"peak_bytes", 8 << 20},
                {"allocations", 1'900'000},
                {"allocated_bytes", 676 << 20},
                {"rss_peak_bytes", 202 << 20},
                {"rss_file_bytes", 20 << 20},
                {"cpu_seconds", 2.49},
                {"exe", "/usr/lib/cc1plus"},
                {"command", {"cc1plus", "t.cpp"}}},
               1, 8)};
  for (const char *file : {"a.c", "b.c", "a_file_with_a_long_name.c", "d.c", "d.c"}) {
    all.push_back(relative("cc1",
                           {{"peak_bytes", 1 << 20},
                            {"rss_peak_bytes", 18 << 20},
                            {"rss_file_bytes", 17 << 20},
                            {"cpu_seconds", 0.02},
                            {"command", {"cc1", file}}},
                           2, 3));
  }
  all.push_back(relative("x86_64-linux-gnu-very-long-name", {{"peak_bytes", 3}}, 4, 5));
  all.back().from_report = false;
  return tree(all);
}

// ar with a plug-in of 50 MB: what the linker writes into libraries is neither file nor block, and nothing to
// tell of.
TEST(Tree, TellsWhatIsNoBlockOnlyWhereItIsMuchOfWhatWasResident) {
  const auto beyond = [](std::uint64_t rss, std::uint64_t files) {
    const std::vector<Relative> one = {
        relative("ar", {{"peak_bytes", 1 << 20}, {"rss_peak_bytes", rss}, {"rss_file_bytes", files}}, 0, 9)};
    return tree(one).programs.at(0).beyond_malloc_bytes;
  };
  EXPECT_EQ(beyond(57 << 20, 47 << 20), 0u) << "9 MiB of 57";
  EXPECT_EQ(beyond(26 << 20, 16 << 20), 9u << 20) << "9 MiB of 26";
  EXPECT_EQ(beyond(16 << 20, 9 << 20), 0u) << "6 MiB";
}

TEST(TreeView, IsATableOfPrograms) {
  const OwnHeaps own = {
      {"/usr/lib/cc1plus", "cc1plus keeps what it compiles in a collected heap of its own"}};
  const Tree build = of_a_build();
  for (const int width : {80, 120, 200}) {
    expect_golden(
        "run_tree_" + std::to_string(width) + ".txt",
        tree_rows(build, 3, Paint(false)) + "\n" + program_table(build, own, Paint(false), {width, true}));
  }
  expect_golden("run_tree_ascii_80.txt", program_table(build, {}, Paint(false), {80, false}));
  expect_golden("run_tree.md", program_markdown(build));
}

// It would look like one name.
TEST(TreeView, SaysThatThereAreMoreFilesBehindOneThatIsTooLong) {
  std::vector<Relative> all;
  for (const char *file : {"a_file_with_a_name_that_no_table_of_eighty_columns_has_any_room_for.c", "b.c"})
    all.push_back(relative("cc1", {{"peak_bytes", 1 << 20}, {"command", {"cc1", file}}}, 2, 3));
  const std::string table = program_table(tree(all), {}, Paint(false), {80, true});
  EXPECT_NE(table.find("…, …\n"), table.npos) << table;
  const std::string ascii = program_table(tree(all), {}, Paint(false), {80, false});
  EXPECT_NE(ascii.find("~, ~\n"), ascii.npos) << ascii;
}

std::string names_by(Tree sorted, const std::string &order) {
  sort_programs(sorted, order);
  std::string names;
  for (const ProgramRow &each : sorted.programs) names += each.name.substr(0, 6) + " ";
  return names;
}

TEST(Tree, IsSortedByAnyColumnWhatIsNotKnownLast) {
  Tree build = of_a_build();
  EXPECT_EQ(names_by(build, ""), "cc1plu cc1 make x86_64 ");
  EXPECT_EQ(names_by(build, "runs"), "cc1 cc1plu make x86_64 ");
  EXPECT_EQ(names_by(build, "program"), "cc1 cc1plu make x86_64 ");
  EXPECT_EQ(names_by(build, "cpu"), "cc1plu cc1 make x86_64 ");
  EXPECT_EQ(names_by(build, "rss"), "cc1plu cc1 make x86_64 ");
  build.programs.back().cpu_seconds = 3;
  EXPECT_EQ(names_by(build, "cpu"), "x86_64 cc1plu cc1 make ");
  build.programs.back().allocations = 3'000'000;
  EXPECT_EQ(names_by(build, "allocs").substr(0, 7), "x86_64 ");
  build.programs.back().allocated_bytes = std::uint64_t{3} << 40;
  EXPECT_EQ(names_by(build, "allocated").substr(0, 7), "x86_64 ");
  for (const std::string &order : program_orders()) EXPECT_NE(names_by(build, order), "") << order;
}

TEST(TreeView, HasNoMarkupFromNamesInAComment) {
  const std::string table = program_markdown(
      tree({relative("[x](http://y)", {}, 0, 1), relative("@all", {}, 0, 1), relative("a|b`c", {}, 0, 1),
            relative("_it_", {}, 0, 1), relative("g++-12", {}, 0, 1)}));
  for (const char *cell : {"| `[x](http://y)` |", "| `@all` |", "| `a\\|b'c` |", "| `_it_` |", "| g++-12 |"})
    EXPECT_NE(table.find(cell), table.npos) << cell << "\n" << table;
}

TEST(TreeView, MarksAPeakThatIsKnownBetweenWhat) {
  const Tree sum = tree({relative("many", {{"peak_bytes", 100 << 20}, {"peak_error_bytes", 20 << 20}}, 0, 1),
                         relative("exact", {{"peak_bytes", 50 << 20}}, 0, 1),
                         relative("nearly", {{"peak_bytes", 40 << 20}, {"peak_error_bytes", 1000}}, 0, 1)});
  const std::string table = program_table(sum, {}, Paint(false), {80, true});
  EXPECT_NE(table.find(" ~100 MiB"), table.npos) << table << "the middle, as in every table";
  EXPECT_NE(table.find("  50.0 MiB"), table.npos) << table;
  EXPECT_NE(table.find("  40.0 MiB"), table.npos) << table;
  EXPECT_EQ(sum.programs[0].peak_error_bytes, 40u << 20);
  EXPECT_EQ(sum.programs[1].peak_error_bytes, 0u);
}

TEST(TreeView, FoldsAllButADozenPrograms) {
  std::vector<Relative> all;
  for (int at = 0; at < 40; ++at)
    all.push_back(relative("p" + std::to_string(at), {{"peak_bytes", 1000 - at}}, 0, 1));
  const std::string table = program_table(tree(all), {}, Paint(false), {80, true});
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 14) << table;
  EXPECT_NE(table.find("(28 others)    28"), table.npos) << table;
}

TEST(TreeView, SaysWhenItWasHighestAsFarAsThatIsKnown) {
  EXPECT_EQ(when_text(3, 3.05, 10), "highest after 3.05 s");
  EXPECT_EQ(when_text(3, 8, 10), "highest between 3.00 s and 8.00 s");
}

TEST(Shape, KeepsTheHighestWhenItsMomentsBecomeFewer) {
  Shape shape;
  for (int at = 0; at < 5000; ++at) shape.add({at * 0.1, 10, at == 3333 ? 1000u : 10u});
  EXPECT_LE(shape.moments().size(), 512u);
  const Graph graph = shape.graph(500, 50);
  EXPECT_EQ(graph[33], 1000);
  EXPECT_EQ(std::count(graph.begin(), graph.end(), std::optional<double>(1000)), 1);
  EXPECT_EQ(shape_line(shape, 500, 5, false).size(), 5u);
}

}  // namespace
