// SPDX-License-Identifier: MIT
//
// A look at a process with far more busy threads than there are processors.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

constexpr std::int64_t kThreads = 200, kLost = 10, kBytes = 333;

TEST(LeaksOfACrowd, AreFoundThoughItNeverStandsStill) {
  const Playground playground;
  Command command{{sample("busy_threads"), std::to_string(kThreads)}};
  command.environment = playground.environment();
  command.environment["LD_PRELOAD"] = library();
  Process crowd(command);
  ASSERT_TRUE(eventually([&] { return crowd.out() == "ready\n"; })) << crowd.err();
  Command look = playground.command({"leaks", "--json", "--wait", "0.1", std::to_string(crowd.pid())});
  look.deadline = std::chrono::seconds(250);
  const Outcome outcome = run(look);
  ASSERT_TRUE(outcome.ok()) << outcome;
  const json::object found = json::parse(outcome.out).as_object();
  // Each thread's registers may hold six: more than there are.
  std::int64_t lost = 0;
  for (const json::value &row : found.at("lost").as_array()) {
    const auto number = [&](const char *name) { return row.as_object().at(name).to_number<std::int64_t>(); };
    if (number("block_bytes") == kBytes) lost += number("blocks");
  }
  EXPECT_EQ(lost, kLost) << outcome.out;
  EXPECT_LE(found.at("told_by_half").to_number<std::int64_t>(), 2 * kThreads);
  EXPECT_GT(found.at("live_blocks").to_number<std::int64_t>(), kThreads);
}

}  // namespace
