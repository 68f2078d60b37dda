// SPDX-License-Identifier: MIT
//
// What LeakSanitizer says at exit of programs that are built with it, beside what a look says of the same
// ones built without. It counts blocks and bytes, those that others lead to among them; it goes by the same
// idea, and has the registers of all threads.
#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include <regex>

#include "support/meter.h"

namespace heapmeter::testing {
namespace {

struct Lost {
  std::int64_t blocks = 0, bytes = 0;
  bool operator==(const Lost &) const = default;
};
std::ostream &operator<<(std::ostream &stream, const Lost &lost) {
  return stream << lost.bytes << " bytes in " << lost.blocks << " blocks";
}

struct Way {
  const char *name;
  // What a look does not find: libc keeps the stack of the last thread, and in it its thread-local storage.
  Lost hidden = {};
  // On `next`, asked for or kept to, free memory of the allocator's is not told from the program's own: what
  // was freed with a pointer in it may hide a block.
  bool freed_with_pointers = false;
};
std::ostream &operator<<(std::ostream &stream, const Way &way) { return stream << way.name; }

class LostBy : public ::testing::TestWithParam<std::tuple<Way, const char *>> {};

TEST_P(LostBy, IsWhatLeakSanitizerSays) {
  const auto &[way, backend] = GetParam();
  Command theirs{{victim("loses_by_sanitized"), way.name}};
  theirs.environment["LSAN_OPTIONS"] = "exitcode=23";
  const Outcome sanitized = run(theirs);
  if (sanitized.err.find("LeakSanitizer has encountered a fatal error") != std::string::npos)
    GTEST_SKIP() << "LeakSanitizer may not trace here: " << sanitized.err;
  Lost said;
  std::smatch match;
  const std::regex summary("LeakSanitizer: ([0-9]+) byte\\(s\\) leaked in ([0-9]+) allocation");
  if (std::regex_search(sanitized.err, match, summary))
    said = {std::stoll(match[2].str()), std::stoll(match[1].str())};
  EXPECT_EQ(sanitized.exit_code, said.blocks == 0 ? 0 : 23) << sanitized;

  Command ours{{victim("loses_by"), way.name}};
  ours.environment["HEAPMETER_LEAKS"] = "exit";
  ours.environment["HEAPMETER_BACKEND"] = backend;
  const Metered metered = run_metered(ours);
  EXPECT_TRUE(metered.outcome.ok()) << metered.outcome;
  EXPECT_EQ(metered.outcome.out, sanitized.out);
  const auto &leaks = metered.report.fields().at("leaks").as_object();
  const auto number = [&](const char *name) { return leaks.at(name).to_number<std::int64_t>(); };
  const Lost found{number("lost_blocks"), number("lost_bytes")};
  const Lost expected{said.blocks - way.hidden.blocks, said.bytes - way.hidden.bytes};
  if (way.freed_with_pointers && metered.report.fields().at("backend").as_string() == "next") {
    EXPECT_LE(found.blocks, expected.blocks) << leaks;
    EXPECT_LE(found.bytes, expected.bytes) << leaks;
  } else {
    EXPECT_EQ(found, expected) << leaks;
  }
  EXPECT_EQ(number("perhaps_in_registers_blocks"), 0);
  EXPECT_EQ(said.blocks == 0, std::string(way.name) == "held_after_all") << said;
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes, LostBy,
    ::testing::Combine(::testing::Values(Way{"overwriting_a_global"}, Way{"forgetting_a_local"},
                                         Way{"dropping_a_list"}, Way{"two_that_share_each_other"},
                                         Way{"releasing_an_owner"}, Way{"a_vector_of_raw_pointers", {}, true},
                                         Way{"a_base_without_virtual_destructor", {}, true},
                                         Way{"throwing_past_it"}, Way{"growing_and_forgetting"},
                                         Way{"threads_that_end", {1, 777}, true}, Way{"held_after_all"}),
                       ::testing::Values("mimalloc", "next")),
    [](const auto &one) {
      return std::string(std::get<0>(one.param).name) + "_on_" + std::get<1>(one.param);
    });

}  // namespace
}  // namespace heapmeter::testing
