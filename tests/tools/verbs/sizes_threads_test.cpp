// SPDX-License-Identifier: MIT
//
// sizes and threads on a living process.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

namespace json = boost::json;

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

std::int64_t sum(const json::value &classes, const char *field) {
  std::int64_t total = 0;
  for (const json::value &each : classes.as_array()) total += each.at(field).to_number<std::int64_t>();
  return total;
}

TEST(Sizes, AddUpToWhatIsLive) {
  const Playground playground;
  const Holder holder(playground, {"1000", "50"});
  const Outcome outcome = playground.run({"sizes", holder.pid_text(), "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome;
  const json::value classes = json::parse(outcome.out).at("classes");
  EXPECT_EQ(sum(classes, "live_bytes"), 50'000);
  EXPECT_EQ(sum(classes, "live_blocks"), 50);
  const Outcome table = playground.run({"sizes", holder.pid_text(), "--bytes"});
  EXPECT_TRUE(has(table.out, " 50000 ")) << table;
  EXPECT_TRUE(has(table.out, "ROUNDING")) << table;
}

TEST(Sizes, SayNothingOfRoundingWhereTheBackendHasNoClasses) {
  Playground playground;
  playground.set("HEAPMETER_BACKEND", "next");
  const Holder holder(playground, {"1000", "50"});
  const json::value sizes = json::parse(playground.run({"sizes", holder.pid_text(), "--json"}).out);
  const json::value &held = sizes.at("classes").as_array().back();
  EXPECT_EQ(held.at("live_bytes").to_number<int>(), 50'000);
  EXPECT_TRUE(held.at("usable_bytes").is_null()) << held;
  const Outcome table = playground.run({"sizes", holder.pid_text(), "--bytes"});
  EXPECT_TRUE(has(table.out, " 50000         - ")) << table;
}

TEST(Threads, HaveTheirNamesAndWhatTheyHold) {
  const Playground playground;
  const Holder holder(playground, {"1000", "50"});
  const Outcome outcome = playground.run({"threads", holder.pid_text(), "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome;
  const json::value list = json::parse(outcome.out);
  EXPECT_EQ(list.at("pid").to_number<pid_t>(), holder.pid());
  EXPECT_EQ(std::filesystem::path(holder.socket()).stem(),
            holder.pid_text() + "-" + json::serialize(list.at("start_time")));
  const json::value &thread = list.at("threads").at(0);
  EXPECT_EQ(thread.at("name"), json::value("holder_of_bytes"));
  EXPECT_EQ(thread.at("net_bytes").to_number<int>(), 50'000);
  EXPECT_TRUE(has(playground.run({"threads", holder.pid_text()}).out, "(exited)"));
}

TEST(SizesAndThreads, RefuseWhatIsNoTarget) {
  const Playground playground;
  for (const char *verb : {"sizes", "threads"}) {
    EXPECT_EQ(playground.run({verb}).exit_code, 2) << verb;
    EXPECT_EQ(playground.run({verb, "1"}).exit_code, 1) << verb;
  }
}

}  // namespace
