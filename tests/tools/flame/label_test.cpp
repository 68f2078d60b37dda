// SPDX-License-Identifier: MIT
#include "flame/label.h"

#include <functional>

#include <gtest/gtest.h>

#include "flame/code_name.h"

namespace heapmeter::cli::flame {
namespace {

TEST(FlameLabel, SaysModuleAndOffsetWhereThereIsNoName) {
  symbols::Frame frame;
  frame.module = "libx.so\n";
  frame.offset = 0x1f0;
  EXPECT_EQ(full_name(frame), "libx.so?+0x1f0");
  frame.offset = 0;
  EXPECT_EQ(full_name(frame), "libx.so?");
  frame.module = "";
  EXPECT_EQ(full_name(frame), "?");
  frame.offset = 0x7f001234;
  EXPECT_EQ(full_name(frame), "code at 0x7f001234") << "of a runtime's making";
  frame.function = "f\x1b[0m\xff";
  EXPECT_EQ(full_name(frame), "f?[0m?");
}

TEST(FlameLabel, IsOneForAllListsOfCode) {
  symbols::Frame frame;
  frame.module = "shop";
  frame.offset = 0x12f0;
  EXPECT_EQ(code_name(frame), "shop+0x12f0");
  frame.function = "void Cache<int>::put<char>(int, std::vector<int>) const";
  EXPECT_EQ(code_name(frame), "Cache<…>::put<…>");
  EXPECT_EQ(code_name_with_arguments(frame), "Cache<int>::put<char>");
  frame.function = "main";
  EXPECT_EQ(code_name(frame), "main");
}

TEST(FlameLabel, LeavesParametersAndTemplateArgumentsAway) {
  EXPECT_EQ(brief_name("std::map<int, std::vector<int> >::operator[](int const&)"),
            "std::map<…>::operator[]");
  EXPECT_EQ(brief_name("(anonymous namespace)::parse(char const*)"), "(anonymous namespace)::parse");
  EXPECT_EQ(brief_name("Key::operator<(Key const&) const"), "Key::operator< const");
  EXPECT_EQ(brief_name("Call::operator()(int)"), "Call::operator()");
  EXPECT_EQ(brief_name("std::ostream& operator<< <char>(std::ostream&)"), "std::ostream& operator<< <…>");
  EXPECT_EQ(brief_name("f(void (*)(int))::{lambda(int)#1}::operator()(int) const"),
            "f::{lambda#1}::operator() const");
  EXPECT_EQ(brief_name("g<(int)3, (Kind)1>(std::function<auto (int)->int>)"), "g<…>");
  EXPECT_EQ(brief_name("<alloc::vec::Vec<T> as core::Clone>::clone"),
            "<alloc::vec::Vec<…> as core::Clone>::clone");
}

TEST(FlameLabel, KeepsWhatItCannotTakeApart) {
  for (const char *name :
       {"main", "f(", "a<b", "x)(", "((((", "f<(>)", "(only)", "", "operator", "operator<"}) {
    EXPECT_EQ(brief_name(name), name);
  }
}

TEST(FlameLabel, SaysTheLastOfANameWhereThereIsLittleRoom) {
  EXPECT_EQ(last_name("shop::Cache::put"), "put");
  EXPECT_EQ(last_name("main"), "main");
  EXPECT_EQ(last_name("libx.so+0x12f0"), "+0x12f0");
  EXPECT_EQ(last_name("Call::operator()"), "Call::operator()");
  EXPECT_EQ(last_name("f::{lambda#1}"), "f::{lambda#1}");
  EXPECT_EQ(last_name("odd::"), "odd::");
}

TEST(FlameLabel, FitsByCellsAndEndsInAnEllipsis) {
  EXPECT_EQ(fitted("main", 4), "main");
  EXPECT_EQ(fitted("main", 3), "ma…");
  EXPECT_EQ(fitted("main", 2), "");
  EXPECT_EQ(fitted("漢字の関数", 10), "漢字の関数");
  EXPECT_EQ(fitted("漢字の関数", 6), "漢字…");
  EXPECT_EQ(fitted("größe", 5), "größe");
  EXPECT_EQ(fitted("a→b→c", 5), "a→b→c");
  EXPECT_EQ(fitted("สวัสดี", 4), "สวัสดี");  // two of them are above others
  EXPECT_EQ(fitted("นมัสการ", 4), "นมัส…");
}

TEST(FlameLabel, IsTextInXmlWhateverItHolds) {
  EXPECT_EQ(xml_text("<a b='c'>&\"</a>"), "&lt;a b=&#39;c&#39;&gt;&amp;&quot;&lt;/a&gt;");
  EXPECT_EQ(xml_text("\x01\xff\xef\xbf\xbe \xc3\xa9"), "?\?? \xc3\xa9");
}

}  // namespace
}  // namespace heapmeter::cli::flame
