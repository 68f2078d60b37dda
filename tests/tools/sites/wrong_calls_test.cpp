// SPDX-License-Identifier: MIT
#include "sites/wrong_calls.h"

#include <gtest/gtest.h>

#include <string>

#include <boost/json/parse.hpp>

#include "client/exchange.h"
#include "readings/wrong_call.h"
#include "sites/page.h"
#include "verbs/wrong_places.h"
#include "views/wrong_places.h"

namespace heapmeter::cli::sites {
namespace {

std::string page_with(const std::string &calls) {
  return R"({"mode":"every","site_columns":["leaf","live_bytes"],"sites":[[1,99]],"other":{"wrong_calls":[[9]]},)"
         R"("nodes":[[0,-1,4096],[1,-1,8192]],"wrong_calls":)" +
         calls + "}";
}

std::vector<WrongCall> calls_of(const std::string &page) { return parse_wrong_calls(page).all; }

symbols::Frame frame_called(const std::string &function) {
  symbols::Frame frame;
  frame.function = function;
  return frame;
}

TEST(WrongCalls, HaveTheirPlacesInTheCode) {
  const std::string page = page_with("[[1,1,2],[5,0,2]]");
  const WrongCalls calls = parse_wrong_calls(page);
  ASSERT_EQ(calls.all.size(), 2u);
  EXPECT_EQ(calls.all[0].record, 1u);
  EXPECT_EQ(calls.all[1].made, 0u);
  ASSERT_EQ(calls.code.sites.size(), 2u) << "each leaf once";
  Reading reading;
  reading.fields["faults"] = {boost::json::object(), boost::json::object()};
  add_places(reading, calls, name_stacks(calls.code, [](int, std::uint64_t offset) {
               return std::vector{frame_called(offset == 4096 ? "fill" : "drop")};
             }));
  EXPECT_EQ(wrong_places(reading, 1), (std::vector<std::string>{"made at fill", "called at drop < fill"}));
  EXPECT_TRUE(wrong_places(reading, 0).empty());
  EXPECT_TRUE(wrong_places(reading, 5).empty()) << "the page is of a later moment than the reading";
}

TEST(WrongCalls, AreNoneWhereAPageDoesNotTellThem) {
  EXPECT_TRUE(calls_of(R"({"mode":"off"})").empty());
  EXPECT_TRUE(calls_of(page_with("[]")).empty());
}

TEST(WrongCalls, ThatDoNotHoldTogetherAreNotTaken) {
  for (const char *calls : {"[[0,1]]", "[[0,1,2,2]]", "[[0,3,0]]", "[[0,0,3]]", "[[-1,1,1]]",
                            "[[4294967296,1,1]]", "[[0.5,1,1]]", "[[\"a\",1,1]]"})
    for (const auto parse : {+[](const std::string &page) { calls_of(page); },
                             +[](const std::string &page) { parse_profile(page); }})
      EXPECT_THROW(parse(page_with(calls)), NoAnswer) << calls;
  std::string many = "[0,1,1]";
  for (int at = 0; at < 2000; ++at) many += ",[0,1,1]";
  EXPECT_THROW(calls_of(page_with("[" + many + "]")), NoAnswer);
}

TEST(WrongCalls, OfAReportWhosePagesAreNoneAreToldWithoutPlaces) {
  for (const char *pages : {"3", "[]", R"({"sites":7})", R"({"sites":{}})"}) {
    Reading reading;
    reading.mismatches = 1;
    reading.fields["pages"] = boost::json::parse(pages);
    EXPECT_NO_THROW(find_reported_places(reading)) << pages;
    EXPECT_EQ(reading.wrong_calls(), 1u);
  }
}

}  // namespace
}  // namespace heapmeter::cli::sites
