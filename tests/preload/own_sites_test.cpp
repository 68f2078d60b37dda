// SPDX-License-Identifier: MIT
//
// A program that reads its own sites while every allocation is attributed, some are, none is, and without the
// library.
#include <gtest/gtest.h>

#include "support/http.h"
#include "support/meter.h"

namespace heapmeter::testing {
namespace {

Command reading_itself(const std::string &tests) {
  return Command{{victim("own_sites"), "--gtest_filter=" + tests}};
}

void expect_passed(const Outcome &outcome) {
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_NE(outcome.out.find("[  PASSED  ]"), std::string::npos) << outcome;
  EXPECT_EQ(outcome.out.find("[  PASSED  ] 0 tests"), std::string::npos) << outcome;
}

void expect_passed_metered(const std::string &tests, const std::string &sample) {
  const Meter meter;
  Command command = reading_itself(tests);
  command.environment = meter.environment();
  command.environment["HEAPMETER_SAMPLE"] = sample;
  expect_passed(run(command));
}

TEST(OwnSites, AreExactWhereEveryAllocationIsAttributed) { expect_passed_metered("OwnSites.*", "every"); }

TEST(OwnSites, AreEstimatesWhereAllocationsAreSampled) { expect_passed_metered("SampledSites.*", "1K"); }

TEST(OwnSites, AreNoneBeforeTheFirstSample) { expect_passed_metered("NoSitesYet.*", "64G"); }

TEST(OwnSites, AreNoneWhereNothingIsAttributed) {
  expect_passed_metered("NoSites.*", "off");
  expect_passed(run(reading_itself("NoSites.*")));
}

}  // namespace
}  // namespace heapmeter::testing
