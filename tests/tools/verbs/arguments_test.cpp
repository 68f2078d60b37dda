// SPDX-License-Identifier: MIT
#include "verbs/arguments.h"

#include <gtest/gtest.h>

using namespace heapmeter::cli;

namespace {

class RunArguments : public ::testing::Test {
 protected:
  RunArguments() : parser_("run", "[OPTIONS] PROGRAM", "Runs.", "  run x") {
    parser_.option("--output,-o", output_, "FILE", "");
    parser_.json(json_, "");
  }
  Parser::Split split(const Arguments &arguments) const { return parser_.split(arguments); }

  Parser parser_;
  std::string output_;
  bool json_ = false;
};

TEST_F(RunArguments, EndAtTheFirstWordThatIsNoOption) {
  const auto parts = split({"--json", "--output", "file", "prog", "--json", "-x"});
  EXPECT_EQ(parts.options, (Arguments{"--json", "--output", "file"}));
  EXPECT_EQ(parts.command, (Arguments{"prog", "--json", "-x"}));
}

TEST_F(RunArguments, EndAtTwoDashes) {
  EXPECT_EQ(split({"--json", "--", "--odd", "--", "a"}).command, (Arguments{"--odd", "--", "a"}));
}

TEST_F(RunArguments, MayHaveTheirValueBehindAnEqualsSign) {
  EXPECT_EQ(split({"--output=file", "prog"}).options, (Arguments{"--output=file"}));
  EXPECT_EQ(split({"--output=file", "prog"}).command, (Arguments{"prog"}));
}

TEST_F(RunArguments, MayLackACommand) {
  EXPECT_TRUE(split({"--json"}).command.empty());
  EXPECT_TRUE(split({"--output"}).command.empty());
  EXPECT_TRUE(split({}).command.empty());
}

TEST_F(RunArguments, ReportMistakesAsUsage) {
  try {
    parser_.parse({"--bogus"});
    FAIL() << "accepted";
  } catch (const UserError &error) {
    EXPECT_EQ(error.exit_code(), kUsage);
    EXPECT_NE(std::string(error.what()).find("--bogus"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("heapmeter run --help"), std::string::npos);
  }
}

}  // namespace
