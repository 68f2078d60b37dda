// SPDX-License-Identifier: MIT
#include "text/nearest.h"

#include <gtest/gtest.h>

using heapmeter::cli::did_you_mean;
using heapmeter::cli::nearest;

namespace {

const std::vector<std::string> kVerbs = {"run", "ps", "stat", "top", "account", "sizes", "threads", "doctor"};

TEST(Nearest, IsAFewLettersAway) {
  EXPECT_EQ(nearest("stta", kVerbs), "stat");
  EXPECT_EQ(nearest("status", kVerbs), "stat");
  EXPECT_EQ(nearest("acount", kVerbs), "account");
  EXPECT_EQ(nearest("docter", kVerbs), "doctor");
  EXPECT_EQ(nearest("pss", kVerbs), "ps");
  EXPECT_EQ(nearest("--outptu", {"--json", "--output"}), "--output");
  EXPECT_EQ(nearest("-json", {"--json", "--output"}), "--json");
}

TEST(Nearest, IsWhatAWordAloneBegins) {
  EXPECT_EQ(nearest("thr", kVerbs), "threads");
  EXPECT_EQ(nearest("python", {"python3.11-config", "postgres"}), "python3.11-config");
  EXPECT_EQ(nearest("python", {"python3.11-config", "python3.11-build"}), "") << "which of the two?";
}

TEST(Nearest, IsNoneWhereTheWordIsAnother) {
  EXPECT_EQ(nearest("leaks", kVerbs), "");
  EXPECT_EQ(nearest("--nope", {"--json", "--once"}), "");
  EXPECT_EQ(nearest("ls", kVerbs), "") << "two letters are too few to be sure";
  EXPECT_EQ(nearest("", kVerbs), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), kVerbs), "");
  EXPECT_EQ(nearest("stat", {}), "");
  EXPECT_EQ(nearest("stat", {std::string(100'000, 'x')}), "");
}

TEST(Nearest, StandsBetweenWhatIsWrongAndWhatHelps) {
  EXPECT_EQ("unknown verb 'stta'" + did_you_mean("stta", kVerbs), "unknown verb 'stta'; did you mean stat?");
  EXPECT_EQ("unknown verb 'leaks'" + did_you_mean("leaks", kVerbs), "unknown verb 'leaks';");
}

}  // namespace
