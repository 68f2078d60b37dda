// SPDX-License-Identifier: MIT
#include "readings/size_classes.h"

#include <gtest/gtest.h>

using namespace heapmeter::cli;

namespace {

TEST(SizeClasses, AreReadFromThePage) {
  const auto classes = parse_size_classes(
      R"({"pid":1,"classes":[{"least_bytes":0,"class_bytes":16,"live_blocks":2,"live_bytes":20,"usable_bytes":32,
          "allocations":5,"frees":3},{"class_bytes":64,"live_blocks":1}]})");
  ASSERT_EQ(classes.size(), 2u);
  EXPECT_EQ(classes[0].class_bytes, 16u);
  EXPECT_EQ(classes[0].live_blocks, 2u);
  EXPECT_EQ(classes[0].live_bytes, 20u);
  EXPECT_EQ(classes[0].usable_bytes, 32u);
  EXPECT_EQ(classes[0].allocations, 5u);
  EXPECT_EQ(classes[0].frees, 3u);
  EXPECT_EQ(classes[0].least_bytes, 0u);
  EXPECT_EQ(classes[1].usable_bytes, std::nullopt) << "the backend next does not say it";
  EXPECT_EQ(classes[1].least_bytes, std::nullopt) << "an older library does not say it";
}

TEST(SizeClasses, RefuseWhatIsNoSuchPage) {
  for (const char *wrong :
       {"", "[]", "{}", R"({"classes":{}})", R"({"classes":[1]})", R"({"classes":[{"live_blocks":"two"}]})",
        R"({"classes":[{"live_blocks":-2}]})"}) {
    EXPECT_THROW(parse_size_classes(wrong), NoAnswer) << wrong;
  }
}

}  // namespace
