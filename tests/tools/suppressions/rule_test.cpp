// SPDX-License-Identifier: MIT
//
// Rules of suppression as LeakSanitizer's and valgrind's users write them.
#include "suppressions/rule.h"

#include <gtest/gtest.h>

#include "suppressions/built_in.h"
#include "text/user_error.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::suppressions;

namespace {

constexpr const char *kValgrind = R"(
# what zlib keeps
{
   zlib's table
   Memcheck:Leak
   match-leak-kinds: definite
   fun:malloc
   ...
   obj:*/libz.so*
   src:inflate.c:20
}
{
   not on leaks
   Memcheck:Cond
   fun:strlen
   a strange line
}
{
   several tools
   Helgrind,Memcheck:Leak
   fun:_Zn*
   fun:main
}
leak:libfoo.so
)";

TEST(Rules, OfValgrindAndLeakSanitizerMayStandInOneFile) {
  const std::vector<Rule> rules = parse_rules(kValgrind, "my.supp");
  ASSERT_EQ(rules.size(), 3u);
  EXPECT_EQ(rules[0].name, "zlib's table");
  EXPECT_EQ(rules[0].where, "my.supp:3");
  EXPECT_TRUE(rules[0].definite);
  EXPECT_FALSE(rules[0].indirect);
  ASSERT_EQ(rules[0].patterns.size(), 4u);
  EXPECT_EQ(rules[0].patterns[0].kind, Pattern::kFunction);
  EXPECT_EQ(rules[0].patterns[0].text, "malloc");
  EXPECT_EQ(rules[0].patterns[1].kind, Pattern::kAnyFrames);
  EXPECT_EQ(rules[0].patterns[2].kind, Pattern::kObject);
  EXPECT_EQ(rules[0].patterns[3].kind, Pattern::kSource);
  EXPECT_EQ(rules[1].name, "several tools");
  EXPECT_TRUE(rules[1].definite && rules[1].indirect) << "every kind, where none is said";
  EXPECT_EQ(rules[2].name, "libfoo.so");
  EXPECT_EQ(rules[2].where, "my.supp:24");
  EXPECT_EQ(rules[2].patterns.at(0).kind, Pattern::kAnywhere);
}

TEST(Rules, AreNoneInAnEmptyFile) { EXPECT_TRUE(parse_rules("\n# nothing\r\n\n", "f").empty()); }

struct Wrong {
  const char *text, *said;
};

TEST(Rules, ThatAreWrongAreToldWithTheirLineAndWhatIsRight) {
  const Wrong wrongs[] = {
      {"\nfoo\n", "f:2: 'foo' is no rule; write leak:PATTERN"},
      {"race:foo", "f:1: 'race:foo' is no rule"},
      {"leak:", "f:1: this would fit everything"},
      {"leak:*", "f:1: this would fit everything"},
      {"{\n", "the file ends before the rule's name"},
      {"{\n}\n", "f:2: a rule begins with its name"},
      {"{\nname\nfun:malloc\n}\n", "f:3: 'fun:malloc' is no tool and kind"},
      {"{\nname\nMemcheck Leak\n}\n", "f:3: 'Memcheck Leak' is no tool and kind; write Memcheck:Leak"},
      {"{\nname\nMemcheck:Leak\n}\n", "f:4: a rule without a frame would fit everything"},
      {"{\nname\nMemcheck:Leak\nfun:a\n", "the file ends before the rule's }"},
      {"{\nname\nMemcheck:Leak\nfun:a\n{\n", "f:5: a rule within a rule"},
      {"{\nname\nMemcheck:Leak\nfoo:a\n}\n", "f:4: 'foo:a' is no frame; write fun:NAME"},
      {"{\nname\nMemcheck:Leak\nmatch-leak-kinds: all,some\nfun:a\n}\n", "f:4: 'some' is no kind of leak"},
      {"\x1b[2J", "f:1: '?[2J' is no rule"},
  };
  for (const Wrong &wrong : wrongs) {
    try {
      parse_rules(wrong.text, "f");
      ADD_FAILURE() << wrong.text;
    } catch (const UserError &error) {
      EXPECT_EQ(error.exit_code(), kUsage);
      EXPECT_NE(std::string(error.what()).find(wrong.said), std::string::npos)
          << wrong.text << ": " << error.what();
    }
  }
}

TEST(Rules, ThatAreLongAreToldInALine) {
  const std::string rule(100'000, 'x'), frame = "{\nname\nMemcheck:Leak\n" + rule + "\n}\n";
  for (const std::string &text : {rule, frame}) {
    try {
      parse_rules(text, "f");
      ADD_FAILURE();
    } catch (const UserError &error) {
      EXPECT_LT(std::string(error.what()).size(), 250u);
    }
  }
}

TEST(Rules, ThatAreBuiltInHaveAReason) {
  ASSERT_FALSE(built_in_rules().empty());
  for (const Rule &rule : built_in_rules()) {
    EXPECT_FALSE(rule.why.empty()) << rule.name;
    EXPECT_GT(rule.patterns.size(), 1u) << rule.name;
  }
}

TEST(Rule, MayStandBehindAByteOrderMark) {
  const auto rules = parse_rules("\xef\xbb\xbfleak:a\n", "f");
  ASSERT_EQ(rules.size(), 1u);
  EXPECT_EQ(rules[0].name, "a");
}

}  // namespace
