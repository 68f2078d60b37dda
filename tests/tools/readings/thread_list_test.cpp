// SPDX-License-Identifier: MIT
#include "readings/thread_list.h"

#include <gtest/gtest.h>

using namespace heapmeter::cli;

namespace {

TEST(ThreadList, IsReadFromThePage) {
  const ThreadList list = parse_thread_list(
      R"({"pid":1,"threads":[{"tid":7,"name":"worker","allocations":5,"frees":4,"reallocations":3,
          "allocated_bytes":200,"freed_bytes":100}],"exited":{"allocations":9}})");
  ASSERT_EQ(list.threads.size(), 1u);
  EXPECT_EQ(list.threads[0].tid, 7);
  EXPECT_EQ(list.threads[0].name, "worker");
  EXPECT_EQ(list.threads[0].totals.allocations, 5u);
  EXPECT_EQ(list.threads[0].totals.frees, 4u);
  EXPECT_EQ(list.threads[0].totals.reallocations, 3u);
  EXPECT_EQ(list.threads[0].totals.allocated_bytes, 200u);
  EXPECT_EQ(list.threads[0].totals.freed_bytes, 100u);
  EXPECT_EQ(list.exited.allocations, 9u);
}

TEST(ThreadList, RefusesWhatIsNoSuchPage) {
  for (const char *wrong :
       {"", "[]", "{}", R"({"threads":3})", R"({"threads":[[]]})", R"({"threads":[{"tid":"x"}]})"}) {
    EXPECT_THROW(parse_thread_list(wrong), NoAnswer) << wrong;
  }
}

}  // namespace
