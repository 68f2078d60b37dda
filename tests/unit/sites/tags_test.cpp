// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "sites/eh_frame.h"

#include "sites_fixture.h"

using namespace heapmeter;
using namespace heapmeter::testing;

TEST(Sites, ATagIsAFrameOfItsOwn) {
  SitesFixture f;
  Slot &slot = f.new_slot(), &other = f.new_slot();
  const auto tags_of_last = [&] {
    std::vector<std::string> tags;
    for (uint32_t node = f.sites->table().leaf(f.sites->table().sites() - 1); node != 0;
         node = f.sites->table().parent(node)) {
      const Place place = f.sites->table().place(node);
      if (place.module == kMark && place.address > kFirstTag)
        tags.emplace_back(f.sites->tag_names().at(static_cast<uint32_t>(place.address - kFirstTag)));
    }
    return tags;
  };
  uintptr_t number = 0;
  const auto born = [&](Slot &by, size_t from) {
    f.sites->born(by, block_at(++number), 1, false, called_from(from));
    return f.sites->table().sites();
  };
  f.sites->enter(slot, "request", {1, 200, 0});
  f.sites->enter(slot, "parser", {2, 100, 0});
  born(slot, 0);
  using Names = std::vector<std::string>;
  EXPECT_EQ(tags_of_last(), Names({"parser", "request"})) << "innermost first";
  const uint32_t sites = f.sites->table().sites();
  EXPECT_EQ(born(slot, 0), sites) << "the same again";
  f.sites->leave(slot);
  born(slot, 0);
  EXPECT_EQ(tags_of_last(), Names({"request"}));
  f.sites->leave(slot);
  const uint32_t before = f.sites->table().sites();
  EXPECT_EQ(born(slot, 0), before) << "what it was found by is a site, too";
  f.sites->leave(slot);  // one too many
  f.sites->enter(slot, "parser", {2, 100, 0});
  born(other, 1);
  EXPECT_EQ(tags_of_last(), Names()) << "another thread's";
  for (int i = 0; i < 100; ++i) f.sites->enter(slot, "deep", {3, 100, 0});
  born(slot, 2);
  EXPECT_EQ(tags_of_last().size(), Tags::kMost);
  for (int i = 0; i < 100; ++i) f.sites->leave(slot);
  born(slot, 3);
  EXPECT_EQ(tags_of_last(), Names({"parser"}));
  EXPECT_EQ(f.sites->tag_names().count(), 4u) << "each name once";
  slot.turn += 2;  // the next thread's
  born(slot, 4);
  EXPECT_EQ(tags_of_last(), Names());
}

namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

SitesFixture *process = nullptr;
uintptr_t last_block = 0;

// The caller of who says so, as it will be then.
#define CALLER()                                                                               \
  Registers {                                                                                  \
    static_cast<uintptr_t *>(__builtin_frame_address(0))[1],                                   \
        reinterpret_cast<uintptr_t>(static_cast<uintptr_t *>(__builtin_frame_address(0)) + 2), \
        static_cast<uintptr_t *>(__builtin_frame_address(0))[0]                                \
  }

[[gnu::noinline]] void push(const char *name) { process->sites->enter(*process->slots[0], name, CALLER()); }
[[gnu::noinline]] void pop() { process->sites->leave(*process->slots[0]); }
[[gnu::noinline]] void allocate() {
  process->sites->born(*process->slots[0], block_at(++last_block), 1, false, CALLER());
}
void nothing(void *) {}
void (*volatile keep)(void *) = nothing;

// Some that push for others, with more on their stack than who is called later, and less.
[[gnu::noinline]] void push_from_little(const char *name) {
  push(name);
  keep(nullptr);
}
[[gnu::noinline]] void push_from_much(const char *name) {
  char much[2000];
  keep(much);
  push(name);
  keep(much);
}
[[gnu::noinline]] void allocates_below() {
  char some[500];
  keep(some);
  allocate();
  keep(some);
}
[[gnu::noinline]] void calls_below() {
  char some[500];
  keep(some);
  allocates_below();
  keep(some);
}
[[gnu::noinline]] void names_itself() {
  push("tag");
  calls_below();
  pop();
}
[[gnu::noinline]] void grows_then(size_t bytes) {
  push("tag");
  keep(__builtin_alloca(bytes));
  calls_below();
  pop();
}
template <void (*pushes)(const char *)>
[[gnu::noinline]] void lets_others_name_it() {
  pushes("tag");
  calls_below();
  pop();
}

// The function right outside the last site's tag.
uintptr_t function_of_tag() {
  const auto &table = process->sites->table();
  for (uint32_t node = table.leaf(table.sites() - 1); node != 0; node = table.parent(node)) {
    if (table.place(node).module == kMark && table.place(node).address > kFirstTag) {
      const uint32_t outside = table.parent(node);
      return outside == 0 ? 0 : frame_entry_of(table.place(outside).address - 1).start;
    }
  }
  return 1;
}
uintptr_t start_of(void (*function)()) { return reinterpret_cast<uintptr_t>(function); }

}  // namespace

TEST(Tags, StandInTheFunctionThatEnteredThem) {
  if (!kCanWalk || kSanitized) GTEST_SKIP() << "stacks are as compilers lay them without a sanitizer";
  SitesFixture f;
  process = &f;
  f.new_slot();
  names_itself();
  EXPECT_EQ(function_of_tag(), start_of(names_itself));
  grows_then(5000);
  EXPECT_EQ(function_of_tag(), reinterpret_cast<uintptr_t>(grows_then));
}

TEST(Tags, StandInTheOneThatItReturnedToOnceItHas) {
  if (!kCanWalk || kSanitized) GTEST_SKIP() << "stacks are as compilers lay them without a sanitizer";
  SitesFixture f;
  process = &f;
  f.new_slot();
  lets_others_name_it<push_from_little>();
  EXPECT_EQ(function_of_tag(), start_of(lets_others_name_it<push_from_little>));
  lets_others_name_it<push_from_much>();
  EXPECT_EQ(function_of_tag(), start_of(lets_others_name_it<push_from_much>));
}

TEST(Tags, AreFoundAtOnceHoweverManyThereAre) {
  TagNames names;
  const auto name = [](size_t i) { return "name of a request " + std::to_string(i); };
  for (size_t i = 1; i < TagNames::kMost; ++i) ASSERT_EQ(names.number_of(name(i).c_str()), i);
  EXPECT_EQ(names.number_of("one too many"), TagNames::kNone);
  for (size_t i = 1; i < TagNames::kMost; ++i) {
    ASSERT_EQ(names.number_of(name(i).c_str()), i);
    ASSERT_EQ(names.at(static_cast<uint32_t>(i)), name(i));
  }
  const auto took = [&](const std::string &wanted) {
    constexpr int kTimes = 2000;
    std::chrono::nanoseconds least = std::chrono::hours(1);
    for (int tries = 0; tries < 20; ++tries) {
      const auto start = std::chrono::steady_clock::now();
      for (int i = 0; i < kTimes; ++i) names.number_of(wanted.c_str());
      least = std::min<std::chrono::nanoseconds>(least, std::chrono::steady_clock::now() - start);
    }
    return static_cast<double>(least.count());
  };
  EXPECT_LT(took(name(1000)), 10 * took(name(1)))
      << "a search through all would take a hundred times as long";
  const std::string longest(TagNames::kLongest, 'a');
  TagNames others;
  EXPECT_EQ(others.number_of((longest + "b").c_str()), others.number_of((longest + "c").c_str()));
  EXPECT_NE(others.number_of(longest.substr(1).c_str()), others.number_of(longest.c_str()));
}

TEST(Tags, OfOneNameHaveOneNumberWhoeverComesFirst) {
  constexpr size_t kThreads = 4, kNames = 800;
  TagNames names;
  std::vector<uint32_t> numbers[kThreads];
  std::vector<std::thread> threads;
  for (auto &mine : numbers) {
    threads.emplace_back([&names, &mine] {
      for (size_t i = 0; i < kNames / 4; ++i) mine.push_back(names.number_of(std::to_string(i).c_str()));
    });
  }
  for (auto &thread : threads) thread.join();
  for (const auto &mine : numbers) EXPECT_EQ(mine, numbers[0]);
}
