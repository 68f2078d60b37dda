// SPDX-License-Identifier: MIT
#include "service/answer.h"

#include <gtest/gtest.h>
#include <heapmeter/protocol.h>

#include <cstring>
#include <string>
#include <vector>

#include "books/meter.h"

using namespace heapmeter;

namespace {

constexpr uint64_t kMs = 1'000'000, kStart = 5000 * kMs;

struct Reader {
  std::vector<char> memory = std::vector<char>(1 << 20);
  Answers answers{memory.data(), memory.size()};

  std::string ask(const char *path, uint64_t now_ns, bool head = false) {
    http::Request request;
    request.status = 200;
    request.head = head;
    request.path = path;
    request.path_length = strlen(path);
    answers.write(request, now_ns);
    return {answers.text().data(), answers.text().size()};
  }
  // A change that is asked for in a wrong way, which its answer says.
  std::string ask_for_change(uint64_t now_ns) {
    http::Request request;
    request.status = 200;
    request.post = true;
    request.path = HEAPMETER_PATH_SITES;
    request.path_length = strlen(HEAPMETER_PATH_SITES);
    request.query = "sample=sometimes";
    request.query_length = strlen(request.query);
    answers.write(request, now_ns);
    return {answers.text().data(), answers.text().size()};
  }
  // Something happens, and is asked for: whether the answer has it.
  bool sees_what_happens(uint64_t now_ns) {
    bump_shared(meter.slots.shared.counters.failures, 1);
    const auto failures = std::to_string(meter.slots.shared.counters.failures);
    return ask(HEAPMETER_PATH_SNAPSHOT, now_ns).find("\"failures\":" + failures + ",") != std::string::npos;
  }
  void ask_as_often_as_is_fresh(uint64_t now_ns) {
    for (int i = 0; i < HEAPMETER_FRESH_A_SECOND; ++i) ASSERT_TRUE(sees_what_happens(now_ns)) << i;
  }
};

}  // namespace

TEST(Answers, AreFreshUpToSoManyASecond) {
  Reader reader;
  reader.ask_as_often_as_is_fresh(kStart);
  EXPECT_FALSE(reader.sees_what_happens(kStart));
  for (int i = 1; i < 100; ++i) {
    EXPECT_TRUE(reader.sees_what_happens(kStart + (1000 + 50 * i) * kMs)) << "20 a second, one by one";
  }
}

TEST(Answers, AreSharedNoLongerThanTheyAreNew) {
  Reader reader;
  reader.ask_as_often_as_is_fresh(kStart);
  EXPECT_FALSE(reader.sees_what_happens(kStart + (HEAPMETER_SHARED_AGE_MS - 1) * kMs));
  EXPECT_TRUE(reader.sees_what_happens(kStart + HEAPMETER_SHARED_AGE_MS * kMs));
}

TEST(Answers, AreFreshAgainASecondAfterManyWereAsked) {
  Reader reader;
  for (uint64_t ms = 0; ms < 3000; ++ms) reader.ask(HEAPMETER_PATH_SNAPSHOT, kStart + ms * kMs);
  reader.ask_as_often_as_is_fresh(kStart + 4000 * kMs);
}

TEST(Answers, OfAnotherPageAreNotShared) {
  Reader reader;
  reader.ask_as_often_as_is_fresh(kStart);
  EXPECT_NE(reader.ask(HEAPMETER_PATH_SIZES, kStart).find("\"classes\""), std::string::npos);
  EXPECT_TRUE(reader.sees_what_happens(kStart));
}

TEST(Answers, AfterAnErrorOrAHeadAreWhole) {
  Reader reader;
  reader.ask_as_often_as_is_fresh(kStart);
  reader.answers.write_error(403, "no");
  EXPECT_TRUE(reader.sees_what_happens(kStart));
  reader.ask(HEAPMETER_PATH_SNAPSHOT, kStart, true);
  EXPECT_TRUE(reader.sees_what_happens(kStart));
}

TEST(Answers, OfAPageAndOfAChangeToItAreNotShared) {
  Reader reader;
  reader.ask_as_often_as_is_fresh(kStart);
  const std::string page = reader.ask(HEAPMETER_PATH_SITES, kStart);
  EXPECT_NE(page.find("\"site_columns\""), std::string::npos);
  const std::string change = reader.ask_for_change(kStart);
  EXPECT_EQ(change.find("HTTP/1.1 400"), 0u) << change;
  EXPECT_EQ(reader.ask(HEAPMETER_PATH_SITES, kStart).find("HTTP/1.1 200"), 0u);
}
