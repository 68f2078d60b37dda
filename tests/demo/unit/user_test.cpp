// SPDX-License-Identifier: MIT
#include "server/user.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <heapmeter/heapmeter.hpp>

#include "server/user_store.h"

namespace demo {
namespace {

constexpr auto kAda = R"({"id":1,"name":"Ada","email":"ada@example.org"})";

TEST(User, SurvivesTheRoundTrip) {
  for (const User &user :
       {User{1, "Ada", "ada@example.org"}, User{4'294'967'295, "", ""},
        User{0, "quote \" slash \\ line \n nul " + std::string(1, '\0'), "\xc3\xa9\xe2\x82\xac"}})
    EXPECT_EQ(parse_user(to_json(user)), user);
}

TEST(User, JsonHasTheArticlesOrder) { EXPECT_EQ(to_json({1, "Ada", "ada@example.org"}), kAda); }

TEST(User, UnknownFieldsAreIgnored) {
  EXPECT_TRUE(parse_user(R"({"id":1,"name":"A","email":"a","age":36,"tags":[{}]})"));
}

class BadUser : public testing::TestWithParam<const char *> {};
TEST_P(BadUser, IsRefused) { EXPECT_FALSE(parse_user(GetParam())); }
INSTANTIATE_TEST_SUITE_P(
    User, BadUser,
    testing::Values("", "{", "null", "[]", "1", "{}", R"({"id":1})", R"({"id":1,"name":"A"})",
                    R"({"id":"1","name":"A","email":"a"})", R"({"id":-1,"name":"A","email":"a"})",
                    R"({"id":1.5,"name":"A","email":"a"})", R"({"id":4294967296,"name":"A","email":"a"})",
                    R"({"id":1e3,"name":"A","email":"a"})", R"({"id":true,"name":"A","email":"a"})",
                    R"({"id":1,"name":7,"email":"a"})", R"({"id":1,"name":"A","email":null})",
                    R"({"id":1,"name":"A","email":"a"} x)", "{\"id\":1,\"name\":\"\xff\",\"email\":\"a\"}"));

TEST(User, DeeplyNestedJsonIsRefused) { EXPECT_FALSE(parse_user(std::string(100'000, '['))); }

TEST(UserStore, AnswersWhatWasPut) {
  UserStore store(10);
  std::string put, got;
  EXPECT_EQ(store.put({1, "Ada", "ada@example.org"}, put), UserStore::Put::kCreated);
  EXPECT_TRUE(store.append_json(1, got));
  EXPECT_EQ(put, kAda);
  EXPECT_EQ(got, kAda);
  EXPECT_FALSE(store.append_json(2, got));
}

TEST(UserStore, PuttingAgainReplaces) {
  UserStore store(1);
  std::string ignored, got;
  store.put({1, "Ada", "a"}, ignored);
  EXPECT_EQ(store.put({1, "Bob", "b"}, ignored), UserStore::Put::kReplaced);
  store.append_json(1, got);
  EXPECT_EQ(parse_user(got)->name, "Bob");
  EXPECT_EQ(store.size(), 1u);
}

TEST(UserStore, RefusesOneTooMany) {
  UserStore store(1);
  std::string out;
  store.put({1, "Ada", "a"}, out);
  out.clear();
  EXPECT_EQ(store.put({2, "Bob", "b"}, out), UserStore::Put::kFull);
  EXPECT_EQ(out, "");
  EXPECT_EQ(store.size(), 1u);
}

TEST(UserStore, ListsById) {
  UserStore store(10);
  std::string ignored, list;
  for (const std::uint32_t id : {3u, 1u, 2u}) store.put({id, "n", "e"}, ignored);
  store.append_all_json(list);
  EXPECT_LT(list.find("\"id\":1"), list.find("\"id\":2"));
  EXPECT_LT(list.find("\"id\":2"), list.find("\"id\":3"));
  EXPECT_EQ(list.front(), '[');
  EXPECT_EQ(list.back(), ']');
}

TEST(UserStore, ReadersAndWritersAtOnce) {
  UserStore store(1000);
  std::vector<std::thread> threads;
  for (std::uint32_t writer = 0; writer < 2; ++writer)
    threads.emplace_back([&store, writer] {
      std::string out;
      for (std::uint32_t id = 0; id < 1000; ++id) store.put({id, std::to_string(writer), "e"}, out);
    });
  for (int reader = 0; reader < 2; ++reader)
    threads.emplace_back([&store] {
      std::string out;
      for (std::uint32_t id = 0; id < 1000; ++id) {
        out.clear();
        if (!store.append_json(id, out)) continue;
        ASSERT_TRUE(parse_user(out)) << out;
      }
    });
  for (auto &thread : threads) thread.join();
  EXPECT_EQ(store.size(), 1000u);
}

TEST(UserStore, ReadingAllocatesNothing) {
  if (!heapmeter::metered())
    GTEST_SKIP() << "not metered: libheapmeter is not linked, or HEAPMETER_OFF is set";
  UserStore store(1);
  std::string out;
  store.put({1, "Ada", "a"}, out);
  const heapmeter::Scope scope;
  out.clear();
  store.append_json(1, out);
  EXPECT_EQ(scope.spent()->allocations, 0u);
}

}  // namespace
}  // namespace demo
