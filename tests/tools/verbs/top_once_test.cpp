// SPDX-License-Identifier: MIT
//
// top as text, for those who do not sit in front of it.
#include <gtest/gtest.h>

#include "tools/fake_server.h"
#include "tools/snapshot_text.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

bool has(const std::string &whole, const std::string &part) { return whole.find(part) != std::string::npos; }

TEST(TopOnce, HasTheLettersOfTheLocale) {
  Playground playground;
  const FakeServer server(playground.sockets() / "4194305-1.sock",
                          answer(http_answer(snapshot_text({{"name", "naïve-漢"}}))));
  playground.set("LC_ALL", "C.UTF-8");
  EXPECT_TRUE(has(playground.run({"top", "--once"}).out, " naïve-漢 ")) << playground.run({"top", "--once"});
  playground.set("LC_ALL", "C");
  EXPECT_TRUE(has(playground.run({"top", "--once"}).out, " na?ve-? ")) << playground.run({"top", "--once"});
}

TEST(TopOnce, OfNobodySaysHowToStartOne) {
  const Playground playground;
  EXPECT_TRUE(has(playground.run({"top", "--once"}).out, "heapmeter run --"))
      << playground.run({"top", "--once"});
}

}  // namespace
