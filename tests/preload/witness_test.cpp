// SPDX-License-Identifier: MIT
//
// The books against an independent witness: for deterministic programs valgrind's memcheck and the meter must
// agree on allocations, frees and bytes, to the unit.
//
// Memcheck counts a realloc as one free and one allocation, so its allocs are our allocations + reallocations
// and its frees our frees + reallocations. Neither side frees libc's own caches at exit
// (--run-libc-freeres=no).
#include <gtest/gtest.h>

#include <regex>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

struct Books {
  std::int64_t allocations, frees, bytes;
  bool operator==(const Books &) const = default;
};

std::ostream &operator<<(std::ostream &stream, const Books &books) {
  return stream << books.allocations << " allocs, " << books.frees << " frees, " << books.bytes << " bytes";
}

Books witnessed(const Command &command, std::string &out) {
  Command watched = command;
  watched.deadline = std::chrono::seconds(240);
  const std::vector<std::string> valgrind = {
      program("valgrind"),     "--tool=memcheck",      "--leak-check=no",    "--undef-value-errors=no",
      "--run-libc-freeres=no", "--run-cxx-freeres=no", "--trace-children=no"};
  watched.argv.insert(watched.argv.begin(), valgrind.begin(), valgrind.end());
  const Outcome outcome = run(watched);
  out = outcome.out;
  std::smatch match;
  const std::regex total("total heap usage: ([0-9,]+) allocs, ([0-9,]+) frees, ([0-9,]+) bytes allocated");
  if (!outcome.ok() || !std::regex_search(outcome.err, match, total)) {
    ADD_FAILURE() << "valgrind: " << outcome;
    return {};
  }
  const auto number = [&](int i) {
    return std::stoll(std::regex_replace(match[i].str(), std::regex(","), ""));
  };
  return {number(1), number(2), number(3)};
}

Books metered(const Command &command, std::string &out) {
  const Metered metered = run_metered(command);
  EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
  out = metered.outcome.out;
  const Reading &report = metered.report;
  return {report["allocations"] + report["reallocations"], report["frees"] + report["reallocations"],
          report["allocated_bytes"]};
}

void expect_agreement(Command command) {
  command.environment["LD_PRELOAD"] = build_root() / "tests" / "preload" / "libsame_environment.so";
  command.environment["SAME_ENVIRONMENT_FOR"] = command.argv.at(0);
  for (const char *room : {"ROOM1", "ROOM2", "ROOM3"})
    command.environment[room] = "for as many variables as it sets";
  std::string out, metered_out;
  const Books theirs = witnessed(command, out);
  const Books ours = metered(command, metered_out);
  EXPECT_EQ(metered_out, out);
  EXPECT_EQ(ours, theirs);
  EXPECT_GT(theirs.allocations, 0);
}

TEST(Witness, CProgram) { expect_agreement({{victim("witness_c")}}); }

TEST(Witness, CppProgram) { expect_agreement({{victim("witness_cpp")}}); }

TEST(Witness, Perl) {
  expect_agreement(
      {{program("perl"), "-e",
        "my %h; $h{$_ % 977} .= 'x' x ($_ % 50) for 1..20000; my @k = sort { $a <=> $b } keys %h;"
        "my $s = 0; $s += length $h{$_} for @k; print \"$s\\n\";"}});
}

TEST(Witness, Sqlite) {
  expect_agreement(
      {{program("sqlite3"), "-batch", ":memory:",
        "create table t(a integer primary key, b text);"
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)"
        " insert into t select i, printf('%0*d', i % 90, i) from n;"
        "create index tb on t(b); select count(*), sum(length(b)) from t; pragma integrity_check;"}});
}

TEST(Witness, Awk) {
  expect_agreement({{program("mawk"),
                     "BEGIN { for (i = 0; i < 20000; i++) t[i % 501] = t[i % 501] i;"
                     " for (k in t) n += length(t[k]); print n }"}});
}

TEST(Witness, Bash) {
  expect_agreement({{program("bash"), "--norc", "-c",
                     "declare -A t; for ((i = 0; i < 3000; i++)); do t[$((i % 97))]+=\"x$i\"; done;"
                     "s=; for k in \"${!t[@]}\"; do s+=${#t[$k]},; done; echo ${#s}"}});
}

}  // namespace
}  // namespace heapmeter::testing
