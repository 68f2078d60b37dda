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

TEST_F(RunArguments, ThatMayBeGivenAgainTakeOneValueEach) {
  std::vector<std::string> values;
  std::string target;
  Parser parser("do", "[OPTIONS] TARGET", "Does.", "  do x");
  parser.word("TARGET", target, "a pid");
  parser.option("--rules", values, "FILE", "");
  parser.parse({"--rules", "a", "--rules", "b", "x"});
  EXPECT_EQ(values, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(target, "x");
}

// Each with the only thing that is wrong, and what would be right.
TEST_F(RunArguments, SayEveryMistakeInOurOwnWords) {
  std::string text, target, file;
  double seconds = 0;
  std::int64_t count = 0;
  bool flag = false;
  Parser parser("do", "[OPTIONS] TARGET", "Does.", "  do x");
  parser.word("TARGET", target, "a pid");
  parser.option("-i,--interval", seconds, "SECONDS", "");
  parser.option("-c,--count", count, "N", "");
  parser.option("--backend", text, "NAME", "", {"mimalloc", "next"});
  parser.option("-o,--output", file, "FILE", "");
  parser.flag("-f,--flag", flag, "");
  const auto mistake = [&](const Arguments &arguments) -> std::string {
    try {
      parser.parse(arguments);
      return "none";
    } catch (const UserError &error) {
      EXPECT_EQ(error.exit_code(), kUsage);
      return error.what();
    }
  };
  const std::string see = "; see heapmeter do --help";
  EXPECT_EQ(mistake({}), "no TARGET is given (a pid): heapmeter do [OPTIONS] TARGET" + see);
  EXPECT_EQ(mistake({"-f"}), "no TARGET is given (a pid): heapmeter do [OPTIONS] TARGET" + see);
  EXPECT_EQ(mistake({"1", "2"}), "'2' is one word too many: heapmeter do [OPTIONS] TARGET" + see);
  EXPECT_EQ(mistake({"1", "--", "--2"}), "'--2' is one word too many: heapmeter do [OPTIONS] TARGET" + see);
  EXPECT_EQ(mistake({"1", "--weird"}), "do has no option --weird" + see);
  EXPECT_EQ(mistake({"1", "-z"}), "do has no option -z" + see);
  EXPECT_EQ(mistake({"1", "-fz"}), "do has no option -z" + see);
  EXPECT_EQ(mistake({"1", "--cuont", "3"}),
            "do has no option --cuont; did you mean --count? See heapmeter do --help");
  EXPECT_EQ(mistake({"1", "--count"}), "--count needs a value, N" + see);
  // The next word is meant for something else; behind an equals sign it may be anything.
  EXPECT_EQ(mistake({"1", "-o", "-i", "5"}), "-o needs a value, FILE (if -i is meant: -o-i)" + see);
  EXPECT_EQ(mistake({"1", "--output", "--flag"}),
            "--output needs a value, FILE (if --flag is meant: --output=--flag)" + see);
  EXPECT_EQ(mistake({"1", "--output", "--count=3"}),
            "--output needs a value, FILE (if --count=3 is meant: --output=--count=3)" + see);
  EXPECT_EQ(mistake({"--output", "--", "1"}), "--output needs a value, FILE" + see);
  EXPECT_EQ(mistake({"1", "--output=--flag", "-i", "1", "--backend=next"}), "none");
  EXPECT_EQ(file, "--flag");
  EXPECT_EQ(mistake({"1", "-o-i", "-i", "1"}), "none");
  EXPECT_EQ(file, "-i");
  EXPECT_EQ(mistake({"1", "-o", "-"}), "none");
  EXPECT_EQ(mistake({"1", "-o", ""}), "-o needs a value, FILE, and has an empty one" + see);
  EXPECT_EQ(mistake({"1", "--output="}), "--output needs a value, FILE, and has an empty one" + see);
  EXPECT_EQ(mistake({"1", "-i"}), "-i needs a value, SECONDS" + see);
  EXPECT_EQ(mistake({"1", "-i", "abc"}), "-i takes a number (SECONDS), not 'abc'" + see);
  EXPECT_EQ(mistake({"1", "-i1s"}), "-i takes a number (SECONDS), not '1s'" + see);
  EXPECT_EQ(mistake({"1", "-i", "nan"}), "-i takes a number (SECONDS), not 'nan'" + see);
  EXPECT_EQ(mistake({"1", "-i-inf"}), "-i takes a number (SECONDS), not '-inf'" + see);
  EXPECT_EQ(mistake({"1", "--count=1.5"}), "--count takes a whole number (N), not '1.5'" + see);
  EXPECT_EQ(mistake({"1", "-c", "1", "--count=2"}), "--count is given twice; give it once" + see);
  EXPECT_EQ(mistake({"1", "--backend", "x"}), "--backend takes mimalloc or next, not 'x'" + see);
  EXPECT_EQ(mistake({"1", "--backend=nxet"}),
            "--backend takes mimalloc or next, not 'nxet'; did you mean next? See heapmeter do --help");
  EXPECT_EQ(mistake({"1", "--flag=yes"}), "--flag takes no value" + see);
  EXPECT_EQ(mistake({"1", "--wei\x1brd"}), "do has no option --wei?rd" + see);
  EXPECT_EQ(mistake({"--", "-1", "-f"}), "'-f' is one word too many: heapmeter do [OPTIONS] TARGET" + see);

  EXPECT_EQ(mistake({"-fi1", "1", "-c", "-3", "--backend=next"}), "none");
  EXPECT_EQ(seconds, 1);
  EXPECT_EQ(count, -3);
  EXPECT_EQ(text, "next");
}

TEST_F(RunArguments, OfWhichTheValueMayLackShowItBehindTheSign) {
  std::string how;
  parser_.optional_value("--sites", how, "HOW", "every", "");
  ::testing::internal::CaptureStdout();
  EXPECT_FALSE(parser_.parse({"--help"}));
  const std::string help = ::testing::internal::GetCapturedStdout();
  EXPECT_NE(help.find("--sites[=HOW]"), std::string::npos) << help;
  EXPECT_NE(help.find("--output FILE"), std::string::npos) << help;
  EXPECT_EQ(help.find("--json["), std::string::npos) << help;
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
