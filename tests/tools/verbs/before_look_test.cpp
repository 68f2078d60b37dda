// SPDX-License-Identifier: MIT
//
// What a look will cost is said of large heaps, and of those only.
#include "verbs/before_look.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

using namespace heapmeter::cli;

namespace {

TEST(BeforeALook, TheCostIsSaidWhereTheHeapIsLarge) {
  Reading reading;
  reading.live_bytes = 900u << 20;
  reading.usable_bytes = 1000u << 20;
  EXPECT_EQ(cost_of_look(reading), "");
  reading.usable_bytes = std::uint64_t{6} << 30;
  EXPECT_EQ(
      cost_of_look(reading),
      "each look copies the page tables of 6.00 GiB: its threads wait 0.12 s to 0.54 s, and what they write "
      "while it is looked at takes memory twice");
  reading.usable_bytes = 0;  // of a backend that does not tell
  reading.live_bytes = std::uint64_t{2} << 30;
  EXPECT_NE(cost_of_look(reading), "");
  reading.fields["last_look"] = boost::json::parse(R"({"pause_seconds":0.05,"seconds":3.0})");
  EXPECT_NE(cost_of_look(reading).find("for the last one its threads waited 50.0 ms, and it took 3.00 s"),
            std::string::npos)
      << cost_of_look(reading);
}

}  // namespace
