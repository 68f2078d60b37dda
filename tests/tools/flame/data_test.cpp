// SPDX-License-Identifier: MIT
#include "flame/data.h"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "flame/page.h"
#include "tools/flame/stacks_text.h"

namespace heapmeter::cli::flame {
namespace {

boost::json::value parsed(const Picture &picture) { return boost::json::parse(data(picture)); }

TEST(FlameData, IsTheStacksAsATree) {
  const auto stacks = stacks_of_text("app!main@m.cpp:3;lib!f(int) 10\napp!main@m.cpp:3 4\n");
  const auto value = parsed({"title", {"note"}, &stacks, nullptr});
  EXPECT_EQ(value.at("frames"), boost::json::parse(R"x([["main",0,"m.cpp",3],["f(int)",1,"",0,"f"]])x"));
  EXPECT_EQ(value.at("modules"), boost::json::parse(R"(["app","lib"])"));
  EXPECT_EQ(value.at("parents"), boost::json::parse("[0,0,1]"));
  EXPECT_EQ(value.at("stacks"), boost::json::parse("[[2,10,1,30,3],[1,4,1,12,3]]"));
  EXPECT_EQ(value.at("measures").as_array().size(), 4u);
  EXPECT_EQ(value.at("first"), 0);
  EXPECT_EQ(parsed({"", {}, &stacks, nullptr, &kMeasures[3]}).at("first"), 3);
  EXPECT_EQ(parsed({"", {}, &stacks, nullptr, &kMeasures[6]}).at("first"), 0) << "there is nothing of it";
}

TEST(FlameData, HasTheEarlierValuesBehindTheLaterOnes) {
  const auto after = stacks_of_text("main 10\n"), before = stacks_of_text("main 4\ngone 1\n");
  const auto value = parsed({"", {}, &after, &before});
  EXPECT_EQ(value.at("stacks"), boost::json::parse("[[1,10,1,30,3,4,1,12,3],[2,0,0,0,0,1,1,3,3]]"));
  EXPECT_TRUE(value.at("compared").as_bool());
}

TEST(FlameData, IsThereForNoStackAtAll) {
  const sites::Stacks none;
  const auto value = parsed({"", {}, &none, nullptr});
  EXPECT_EQ(value.at("measures").as_array().size(), 1u);
  EXPECT_TRUE(value.at("stacks").as_array().empty());
}

TEST(FlameData, EndsNoElementThatItStandsIn) {
  auto stacks = stacks_of_text("</script><!--<script> 1\n");
  stacks.frames[0].module = stacks.frames[0].file = "</SCRIPT\xe2\x80\xa8\xff>";
  const Picture picture{"</script>", {"</script>"}, &stacks, nullptr};
  EXPECT_EQ(data(picture).find('<'), std::string::npos);
  EXPECT_EQ(parsed(picture).at("title").as_string(), "</script>");
  EXPECT_EQ(parsed(picture).at("modules").at(0).as_string(), "</SCRIPT?\?>");
  EXPECT_NE(page(picture).find(data(picture)), std::string::npos);
}

}  // namespace
}  // namespace heapmeter::cli::flame
