// SPDX-License-Identifier: MIT
//
// Which call stacks a rule fits.
#include "suppressions/matching.h"

#include <gtest/gtest.h>

#include "suppressions/made.h"

using namespace heapmeter::cli;
using namespace heapmeter::cli::suppressions;

namespace {

symbols::Frame frame(const std::string &function, const std::string &linkage = "",
                     const std::string &file = "", int line = 0) {
  symbols::Frame frame;
  frame.function = function;
  frame.linkage = linkage;
  frame.file = file;
  frame.line = line;
  return frame;
}

// make(int) of libshop, called by an unnamed function of libplug, called by main.
Stack stack(const std::string &family = "malloc") {
  return {family,
          {frame("shop::make(int)", "_ZN4shop4makeEi", "/src/shop.cpp", 12), frame(""),
           frame("main", "", "/src/main.cpp", 3)},
          {"/opt/libshop.so.1", "/opt/libplug.so", "/opt/prog"}};
}

bool fits_all(const std::string &frames, const Stack &stack) {
  const auto rules = parse_rules("{\n name\n Memcheck:Leak\n" + frames + "\n}\n", "f");
  return fits(rules.at(0), stack);
}

TEST(SuppressionPattern, OfValgrindIsOnTheWholeName) {
  EXPECT_TRUE(is_like("malloc", "malloc"));
  EXPECT_FALSE(is_like("malloc", "mallo"));
  EXPECT_FALSE(is_like("xmalloc", "malloc"));
  EXPECT_TRUE(is_like("xmalloc", "*malloc"));
  EXPECT_TRUE(is_like("xmalloc_1", "*mal*_?"));
  EXPECT_FALSE(is_like("xmalloc_", "*mal*_?"));
  EXPECT_TRUE(is_like("", "*"));
  EXPECT_FALSE(is_like("", "?"));
  EXPECT_TRUE(is_like("aXbXc", "a*X*c"));
  EXPECT_FALSE(is_like(std::string(2000, 'a'), "*a*a*a*a*a*a*a*a*b")) << "and takes no time";
}

TEST(SuppressionPattern, OfLeakSanitizerIsOnAPart) {
  EXPECT_TRUE(contains("shop::make(int)", "make"));
  EXPECT_TRUE(contains("shop::make(int)", "sh*ake"));
  EXPECT_TRUE(contains("shop::make(int)", "^shop"));
  EXPECT_FALSE(contains("shop::make(int)", "^make"));
  EXPECT_TRUE(contains("shop::make(int)", "int)$"));
  EXPECT_FALSE(contains("shop::make(int)", "make$"));
  EXPECT_FALSE(contains("make", "ma?e")) << "a question mark is one there";
  EXPECT_FALSE(contains("", "*"));
}

TEST(SuppressionRule, OfLeakSanitizerFitsAnyFrame) {
  for (const char *pattern : {"shop::make", "_ZN4shop", "shop.cpp", "libplug", "^main$"}) {
    EXPECT_TRUE(fits(parse_rules(std::string("leak:") + pattern, "f").at(0), stack())) << pattern;
  }
  for (const char *pattern : {"other", "^make", "libshop$"}) {
    EXPECT_FALSE(fits(parse_rules(std::string("leak:") + pattern, "f").at(0), stack())) << pattern;
  }
}

TEST(SuppressionRule, OfValgrindFitsFromTheInnermostFrame) {
  EXPECT_TRUE(fits_all("fun:malloc\nfun:_ZN4shop4makeEi", stack()));
  EXPECT_TRUE(fits_all("fun:malloc\nfun:_ZN4shop*\nobj:*/libplug.so\nfun:main", stack()));
  EXPECT_TRUE(fits_all("fun:*alloc\nfun:shop::make", stack())) << "by the programmer's name, too";
  EXPECT_TRUE(fits_all("fun:_ZN4shop4makeEi", stack())) << "ours begin with the caller";
  EXPECT_TRUE(fits_all("fun:malloc\n...\nfun:main", stack()));
  EXPECT_TRUE(fits_all("...\nfun:main", stack()));
  EXPECT_TRUE(fits_all("...\nobj:*plug*\n...", stack()));
  EXPECT_TRUE(fits_all("src:shop.cpp:12\n...\nsrc:*/main.cpp", stack()));
  EXPECT_FALSE(fits_all("fun:malloc\nfun:main", stack()));
  EXPECT_FALSE(fits_all("fun:main", stack()));
  EXPECT_FALSE(fits_all("fun:malloc\n...\nfun:start", stack()));
  EXPECT_FALSE(fits_all("src:shop.cpp:13", stack()));
  EXPECT_FALSE(fits_all("fun:malloc\nfun:*\nfun:*\nfun:*\nfun:*", stack())) << "it has no more frames";
  EXPECT_FALSE(fits_all("fun:malloc\nfun:_ZN4shop4makeEi\nfun:*", stack())) << "of a frame without a name";
}

TEST(SuppressionRule, TriesEveryPlaceBehindDots) {
  Stack deep{"malloc", {}, {}};
  for (const char *name : {"a", "b", "a", "b", "c"}) {
    deep.frames.push_back(frame(name));
    deep.paths.emplace_back();
  }
  EXPECT_TRUE(fits_all("...\nfun:a\nfun:b\nfun:c", deep));
  EXPECT_TRUE(fits_all("...\nfun:b\n...\nfun:c", deep));
  EXPECT_FALSE(fits_all("...\nfun:b\nfun:b", deep));
}

TEST(SuppressionRule, KnowsTheCallThatMadeTheBlock) {
  const char *of_new = "fun:_Znwm\nfun:_ZN4shop*";
  EXPECT_TRUE(fits_all(of_new, stack("new")));
  EXPECT_FALSE(fits_all(of_new, stack("malloc")));
  EXPECT_FALSE(fits_all(of_new, stack("new[]")));
  EXPECT_TRUE(fits_all("fun:_Znam\nfun:_ZN4shop*", stack("new[]")));
  EXPECT_TRUE(fits_all("fun:calloc\nfun:_ZN4shop*", stack("malloc")));
}

TEST(SuppressionRule, NeverFitsWhatHasNoStack) {
  const Stack none{"malloc", {}, {}};
  EXPECT_FALSE(fits_all("...\nfun:main", none));
  EXPECT_FALSE(fits_all("fun:malloc", none));
  EXPECT_FALSE(fits_all("...", none));
  EXPECT_FALSE(fits(parse_rules("leak:a", "f").at(0), none));
}

TEST(SuppressionRule, IsOfAKindOfLeak) {
  const auto rules = parse_rules(
      "{\n a\n Memcheck:Leak\n match-leak-kinds: indirect\n ...\n fun:main\n}\n"
      "{\n b\n Memcheck:Leak\n match-leak-kinds: reachable\n ...\n fun:main\n}\n",
      "f");
  EXPECT_EQ(first_fitting(rules, stack(), true), 0);
  EXPECT_EQ(first_fitting(rules, stack(), false), -1);
}

TEST(MadeRule, FitsTheStackItIsMadeOfAndNoOther) {
  for (const char *family : {"malloc", "new", "new[]"}) {
    const std::string text = made_of(stack(family));
    EXPECT_NE(text.find("fun:_ZN4shop4makeEi"), std::string::npos) << text;
    EXPECT_NE(text.find("obj:/opt/libplug.so"), std::string::npos) << text;
    const auto rules = parse_rules(text, "f");
    ASSERT_EQ(rules.size(), 1u);
    EXPECT_TRUE(fits(rules[0], stack(family))) << text;
    Stack other = stack(family);
    other.frames[2].function = "start";
    EXPECT_FALSE(fits(rules[0], other));
  }
  EXPECT_EQ(made_of({}), "");
}

TEST(MadeRule, OfAHostileNameIsOneRule) {
  Stack hostile = stack();
  hostile.frames[0] = frame("a\n}\nleak:b\x1b[2J");
  const auto rules = parse_rules(made_of(hostile), "f");
  ASSERT_EQ(rules.size(), 1u);
}

}  // namespace
