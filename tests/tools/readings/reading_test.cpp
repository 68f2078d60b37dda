// SPDX-License-Identifier: MIT
#include "readings/reading.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "tools/snapshot_text.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;

namespace {

std::string complaint(const std::string &text) {
  try {
    parse_reading(text);
  } catch (const NoAnswer &why) {
    EXPECT_EQ(why.why(), Silence::kStrange);
    return why.what();
  }
  return "";
}

TEST(Reading, HasTheNumbersOfTheSnapshot) {
  const Reading reading =
      parse_reading(snapshot_text({{"live_bytes", 18446744073709551615u}, {"double_frees", 3}}));
  EXPECT_EQ(reading.pid, 123);
  EXPECT_EQ(reading.name, "prog");
  EXPECT_EQ(reading.live_bytes, 18446744073709551615u);
  EXPECT_EQ(reading.double_frees, 3u);
  EXPECT_EQ(reading.wrong_calls(), 3u);
  EXPECT_DOUBLE_EQ(reading.uptime_seconds, 2.5);
  EXPECT_EQ(reading.sampling, "") << "of an older library";
  EXPECT_EQ(parse_reading(snapshot_text({{"sampling", "every"}})).sampling, "every");
  ASSERT_EQ(reading.allocations_by_kind.size(), 2u);
  EXPECT_EQ(reading.allocations_by_kind[1].kind, "new_array");
  EXPECT_EQ(reading.allocations_by_kind[1].count, 10u);
}

TEST(Reading, KeepsFieldsItDoesNotKnow) {
  EXPECT_EQ(parse_reading(snapshot_text({{"of_the_future", 1}})).fields.count("of_the_future"), 1u);
}

TEST(Reading, KeepsWhyCodeIsNotToldApartHoweverLongThatIs) {
  const std::string why = "call stacks have not been tried on this kind of processor, only on x86-64";
  EXPECT_EQ(parse_reading(snapshot_text({{"sampling_instead", why}})).fields.at("sampling_instead"),
            boost::json::value(why));
}

TEST(Reading, KeepsOfThemWhatHasAnEnd) {
  const std::string longer(100, 'x');
  const Reading reading = parse_reading(snapshot_text(
      {{"of_the_future", boost::json::array(1000, 1)}, {"more", {{"a", 1}}}, {"word", longer}, {longer, 1}}));
  for (const std::string &name :
       {std::string("of_the_future"), std::string("more"), std::string("word"), longer})
    EXPECT_FALSE(reading.fields.contains(name)) << name;
  EXPECT_TRUE(reading.fields.contains("allocations_by_kind"));
  boost::json::object many;
  for (int at = 0; at < 10'000; ++at) many[std::to_string(at)] = 1;
  EXPECT_LT(parse_reading(snapshot_text(many)).fields.size(), 300u);
}

TEST(Reading, RefusesNamesAndTimesThatAreNone) {
  EXPECT_NE(complaint(snapshot_text({{"name", std::string(100, 'n')}})).find("'name'"), std::string::npos);
  EXPECT_NE(complaint(snapshot_text({{"name", 7}})).find("'name'"), std::string::npos);
  EXPECT_NE(complaint(snapshot_text({{"faults", 7}})).find("'faults'"), std::string::npos);
  EXPECT_NE(complaint(snapshot_text({{"frees_by_kind", "x"}})).find("'frees_by_kind'"), std::string::npos);
  EXPECT_EQ(complaint(snapshot_text({{"faults", nullptr}})), "");
  EXPECT_NE(complaint(snapshot_text({{"uptime_seconds", 1e308}})).find("no time"), std::string::npos);
  EXPECT_NE(complaint(snapshot_text({{"uptime_seconds", -1}})).find("no time"), std::string::npos);
  EXPECT_NE(complaint(snapshot_text({{"frees_by_kind", {{std::string(100, 'k'), 1}}}})), "");
  EXPECT_NE(complaint(snapshot_text({{"faults", boost::json::array(2000, boost::json::object())}})), "");
}

TEST(Reading, HasTheFaults) {
  const boost::json::object fault = {{"fault", "mismatch"},
                                     {"allocated_by", "new_array"},
                                     {"released_by", "free"},
                                     {"bytes", 40},
                                     {"count", 3}};
  const Reading reading = parse_reading(snapshot_text({{"faults", boost::json::array{fault}}}));
  ASSERT_EQ(reading.faults.size(), 1u);
  EXPECT_EQ(reading.faults[0].allocated_by, "new_array");
  EXPECT_EQ(reading.faults[0].bytes, 40u);
}

TEST(Reading, RefusesWhatIsNoSnapshot) {
  EXPECT_NE(complaint(""), "");
  EXPECT_NE(complaint("[1,2]"), "");
  EXPECT_NE(complaint("{\"pid\":1"), "");
  EXPECT_NE(complaint("{}").find("'pid' is missing"), std::string::npos);
  EXPECT_NE(complaint(snapshot_text({{"live_bytes", -1}})).find("live_bytes"), std::string::npos);
  EXPECT_NE(complaint(snapshot_text({{"live_bytes", "many"}})).find("live_bytes"), std::string::npos);
  EXPECT_NE(complaint(snapshot_text({{"protocol", 2}})).find("protocol 2"), std::string::npos);
  EXPECT_NE(complaint(std::string(100'000, '[')), "");
  // What is a number, and more than any: of a later library's, too.
  const std::string text = snapshot_text();
  EXPECT_NE(complaint(text.substr(0, text.size() - 1) + R"(,"later":1e999})").find("too large"),
            std::string::npos);
}

}  // namespace
