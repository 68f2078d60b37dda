// SPDX-License-Identifier: MIT
#include "sites/stacks.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "tools/sites/page_text.h"

namespace heapmeter::cli::sites {
namespace {

using heapmeter::testing::call;
using heapmeter::testing::PageText;

std::string chain(const Stacks &stacks, const Stacks::Stack &stack) {
  std::string text;
  for (const std::uint32_t frame : stack.frames) {
    const symbols::Frame &each = stacks.frames[frame];
    text += (text.empty() ? "" : " > ") + (each.function.empty() ? each.module : each.function);
    if (each.line != 0) text += ":" + std::to_string(each.line);
  }
  return text;
}

Stacks stacks_of(const PageText &page, Folding folding = Folding::kFolded) {
  return name_stacks(parse_profile(page.text()), page.naming(), folding);
}

TEST(Stacks, EndAtTheCodeOfTheProgramItself) {
  PageText page;
  page.add({call("_start"), call("", "", 0, "libc.so.6"), call("__libc_start_main"), call("main"),
            call("std::function<void ()>::operator()() const"), call("Cache::put(int)"),
            call("void std::vector<int, std::allocator<int> >::_M_realloc_insert<int>(int)"),
            call("operator new(unsigned long)"), call("malloc")},
           1, 10);
  const Stacks stacks = stacks_of(page);
  ASSERT_EQ(stacks.stacks.size(), 1u);
  EXPECT_EQ(chain(stacks, stacks.stacks[0]), "main > Cache::put(int)");
  const Stacks whole = stacks_of(page, Folding::kWhole);
  EXPECT_EQ(whole.stacks[0].frames.size(), 9u);
}

TEST(Stacks, EndAtWhoAskedTheCLibrary) {
  PageText page;
  page.add({call("main"), call("load"), call("strdup", "", 0, "libc.so.6")}, 1, 10);
  page.add({call("main"), call("load"), call("fopen", "", 0, "libc.so.6"), call("", "", 0, "libc.so.6")}, 1,
           5);
  page.add({call("main"), call("qsort", "", 0, "libc.so.6"), call("compare")}, 1, 2);
  page.add({call("", "", 0, "shop"), call("main"), call("strdup")}, 1, 1);
  const Stacks stacks = stacks_of(page);
  ASSERT_EQ(stacks.stacks.size(), 3u);
  EXPECT_EQ(chain(stacks, stacks.stacks[0]), "main > load");
  EXPECT_EQ(stacks.stacks[0].values.live_bytes, 15u);
  EXPECT_EQ(chain(stacks, stacks.stacks[1]), "main > compare");
  EXPECT_EQ(chain(stacks, stacks.stacks[2]), "shop > main > strdup") << "the program's own";
}

TEST(Stacks, BeginWithAConstructorAndNotWithHowItWasCalled) {
  PageText page;
  page.add(
      {call("_dl_start_user", "", 0, "ld-linux-x86-64.so.2"), call("_dl_init", "", 0, "ld-linux-x86-64.so.2"),
       call("call_init", "", 0, "ld-linux-x86-64.so.2"), call("Registry::Registry()")},
      1, 10);
  page.add({call("_dl_start_user", "", 0, "ld-linux-x86-64.so.2"),
            call("call_init", "", 0, "ld-linux-x86-64.so.2"), call("", "", 0, "libstdc++.so.6")},
           1, 5);
  page.add({call("dl_main", "", 0, "ld-linux-x86-64.so.2")}, 1, 2);
  const Stacks stacks = stacks_of(page);
  EXPECT_EQ(chain(stacks, stacks.stacks[0]), "Registry::Registry()");
  EXPECT_EQ(chain(stacks, stacks.stacks[1]), "constructors");
  EXPECT_EQ(chain(stacks, stacks.stacks[2]), "dl_main") << "there is nothing else";
}

TEST(Stacks, AreOneWhereOnlyPlumbingTellsThemApart) {
  PageText page;
  page.add({call("main"), call("put"), call("std::list<int>::push_back(int)")}, 1, 10);
  page.add({call("main"), call("put"), call("std::deque<int>::push_back(int)")}, 2, 40);
  page.add({call("main"), call("put", "cache.cpp", 7)}, 1, 100);
  const Stacks stacks = stacks_of(page);
  ASSERT_EQ(stacks.stacks.size(), 2u);
  EXPECT_EQ(chain(stacks, stacks.stacks[0]), "main > put:7");
  EXPECT_EQ(chain(stacks, stacks.stacks[1]), "main > put");
  EXPECT_EQ(stacks.stacks[1].values.live_bytes, 50u);
  EXPECT_EQ(stacks.stacks[1].values.live_blocks, 3u);
  EXPECT_EQ(stacks.stacks[1].sites, (std::vector<std::uint32_t>{1, 0}));
}

// However much each of the sites holds that it is of, whether they are there yet, and in which order they
// came.
TEST(Stacks, HaveNamesThatStay) {
  const std::vector by_list{call("main"), call("put"), call("std::list<int>::push_back(int)")},
      by_deque{call("main"), call("put"), call("std::deque<int>::push_back(int)")},
      elsewhere{call("main"), call("put", "cache.cpp", 7)};
  PageText first, later, other;
  first.add(by_list, 1, 10);
  later.add(elsewhere, 1, 7);
  later.add(by_deque, 2, 40);
  later.add(by_list, 1, 10);
  other.add(by_deque, 2, 40);
  const std::string name = stacks_of(first).stacks[0].name;
  EXPECT_EQ(name.size(), 16u);
  const Stacks both = stacks_of(later);
  ASSERT_EQ(both.stacks.size(), 2u);
  EXPECT_EQ(both.stacks[0].name, name);
  EXPECT_NE(both.stacks[1].name, name);
  EXPECT_EQ(stacks_of(other).stacks[0].name, name);
}

TEST(Stacks, WithoutNamesAreCalledByWhatTheirFileHasInIt) {
  PageText one, another;
  one.add({call("", "", 0, "shop"), call("", "", 0, "shop")}, 1, 10);
  another = one;
  EXPECT_EQ(stacks_of(another).stacks[0].name, stacks_of(one).stacks[0].name);
  another.build_id = "beef";
  EXPECT_NE(stacks_of(another).stacks[0].name, stacks_of(one).stacks[0].name);
}

// Both are called "shop", and have code at the same place.
TEST(Stacks, WithoutNamesAreTwoOfTwoFilesInWhicheverOrderTheyCome) {
  const auto in_file = [](std::uint64_t offset) {
    symbols::Frame frame = call("", "", 0, "shop");
    frame.offset = offset;
    frame.begin = 0x100;
    return frame;
  };
  std::vector<std::map<std::string, std::uint64_t>> found;
  for (const bool other_first : {false, true}) {
    PageText page;
    page.add({in_file(0x105)}, 1, other_first ? 20 : 10);
    page.add({in_file(0x109)}, 1, other_first ? 10 : 20);
    std::string text = page.text();
    const auto replace = [&](const std::string &what, const std::string &by) {
      ASSERT_NE(text.find(what), std::string::npos) << text;
      text.replace(text.find(what), what.size(), by);
    };
    replace(other_first ? "[0,0,0]" : "[0,0,1]", other_first ? "[0,1,0]" : "[0,1,1]");
    replace(R"("modules":[)",
            R"("modules":[{"path":"/usr/bin/shop","build_id":"c0ffee","start":"0x1000","end":"0x9000",)"
            R"("bias":"0x0"},{"path":"/opt/shop","build_id":"beef","start":"0xa000","end":"0xc000",)"
            R"("bias":"0x0"},)");
    std::map<std::string, std::uint64_t> bytes;
    for (const auto &stack : name_stacks(parse_profile(text), page.naming(), Folding::kFolded).stacks)
      bytes[stack.name] += stack.values.live_bytes;
    EXPECT_EQ(bytes.size(), 2u) << text;
    found.push_back(bytes);
  }
  EXPECT_EQ(found[0], found[1]);
}

TEST(Stacks, ShowAFunctionThatCallsItselfOnce) {
  PageText page;
  page.add({call("main"), call("walk", "tree.c", 5), call("walk", "tree.c", 5), call("walk", "tree.c", 9)}, 1,
           1);
  page.add({call("main"), call("walk", "tree.c", 5), call("walk", "tree.c", 9)}, 1, 1);
  page.add({call("main"), call("even"), call("odd"), call("even")}, 1, 1);
  const Stacks stacks = stacks_of(page);
  ASSERT_EQ(stacks.stacks.size(), 2u);
  EXPECT_EQ(chain(stacks, stacks.stacks[0]), "main > walk:9");
  EXPECT_EQ(chain(stacks, stacks.stacks[1]), "main > even > odd > even");
}

// Wherever in them the calls are.
TEST(Stacks, TellFunctionsWithoutNamesByWhereTheyBegin) {
  const auto nameless = [](std::uint64_t offset, std::uint64_t begin) {
    symbols::Frame frame = call("", "", 0, "shop");
    frame.offset = offset;
    frame.begin = begin;
    return frame;
  };
  PageText page;
  page.add({call("_start"), call("__libc_start_main", "", 0, "libc.so.6"), call("", "", 0, "libc.so.6"),
            nameless(0x105, 0x100), nameless(0x205, 0x200), nameless(0x20a, 0x200)},
           1, 10);
  page.add({call("_start"), call("__libc_start_main", "", 0, "libc.so.6"), call("", "", 0, "libc.so.6"),
            nameless(0x109, 0x100), nameless(0x20f, 0x200)},
           1, 5);
  page.add({nameless(0x305, 0), nameless(0x30a, 0)}, 1, 1);
  const Stacks stacks = stacks_of(page);
  ASSERT_EQ(stacks.stacks.size(), 2u);
  EXPECT_EQ(chain(stacks, stacks.stacks[0]), "main > shop");
  EXPECT_EQ(stacks.frames[stacks.stacks[0].frames.back()].begin, 0x200u);
  EXPECT_EQ(stacks.stacks[0].values.live_bytes, 15u);
  EXPECT_EQ(stacks.stacks[1].frames.size(), 2u) << "nothing says that they are one";
}

TEST(Stacks, TellConstructorsApartThatBearTheNameByTheirCallers) {
  const auto nameless = [](std::uint64_t offset, std::uint64_t begin) {
    symbols::Frame frame = call("", "", 0, "shop");
    frame.offset = offset;
    frame.begin = begin;
    return frame;
  };
  const symbols::Frame loader = call("", "", 0, "ld-linux-x86-64.so.2");
  PageText page;
  page.add({loader, nameless(0x105, 0x100)}, 1, 10);
  page.add({loader, nameless(0x109, 0x100)}, 1, 5);
  page.add({loader, nameless(0x205, 0x200)}, 1, 1);
  const Stacks stacks = stacks_of(page);
  ASSERT_EQ(stacks.stacks.size(), 2u);
  EXPECT_EQ(stacks.stacks[0].values.live_bytes, 15u);
  for (const Stacks::Stack &stack : stacks.stacks) EXPECT_EQ(chain(stacks, stack), "constructors");
}

TEST(Stacks, TellFunctionsOfTwoScriptsApartThatAreCalledTheSame) {
  PageText page;
  page.add({call("main"), call("handle", "a.js", 3, ""), call("handle", "b.js", 3, "")}, 1, 1);
  const Stacks stacks = stacks_of(page);
  EXPECT_EQ(chain(stacks, stacks.stacks[0]), "main > handle:3 > handle:3");
}

TEST(Stacks, OfNothingButPlumbingStay) {
  PageText page;
  page.add({call("_start"), call("std::terminate()"), call("malloc")}, 1, 1);
  page.add({call("", "", 0, "libc.so.6")}, 1, 1);
  for (const Stacks::Stack &stack : stacks_of(page).stacks) EXPECT_FALSE(stack.frames.empty());
}

TEST(Stacks, SayWhereTheyWereCutShort) {
  PageText page;
  page.add_cut_short(1, 10);
  const Stacks stacks = stacks_of(page);
  EXPECT_EQ(chain(stacks, stacks.stacks.at(0)), kCutShortName);
}

TEST(Stacks, NeedNamesForWhatASiteLeadsToEachOnce) {
  PageText page;
  page.add({call("main"), call("load")}, 1, 10);
  page.add({call("main"), call("load"), call("parse")}, 1, 10);
  page.add_cut_short(1, 10);
  EXPECT_EQ(places(parse_profile(page.text())).size(), 3u);
  const Profile unused = parse_profile(
      R"({"mode":"every","site_columns":["leaf"],"nodes":[[0,-1,1],[1,-1,2],[0,-1,1]],"sites":[[1],[3]]})");
  EXPECT_EQ(places(unused).size(), 1u);
}

}  // namespace
}  // namespace heapmeter::cli::sites
