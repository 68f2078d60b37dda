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

TEST(TopOnce, OfOneProcessIsAllThatTopShowsOfIt) {
  Playground playground;
  const Holder holder(playground, {"100000", "20"});
  playground.set("COLUMNS", "100");
  const Outcome once = playground.run({"top", "--once", "holder_of_bytes"});
  for (const char *part : {"holder_of_bytes (", "live 1.91 MiB  blocks 20", "verdict nothing unusual",
                           "SIZE CLASS", "96.0–112 KiB 1.91 MiB", "THREAD", "requested, live 1.91 MiB",
                           "= resident", "KIND OF CALL", "WRONG CALLS"})
    EXPECT_TRUE(has(once.out, part)) << part << "\n" << once;
  EXPECT_FALSE(has(once.out, "LIVE BYTES")) << "a chart of no time: " << once;
  EXPECT_FALSE(has(once.out, "? help")) << "keys, where none are read: " << once;
  const Outcome thrice =
      playground.run({"top", "--once", "holder_of_bytes", "-c", "8", "-i", "0.1", "--ascii", "--bytes"});
  EXPECT_TRUE(has(thrice.out, "live 2000000  blocks 20")) << thrice;
  EXPECT_TRUE(has(thrice.out, "LIVE BYTES")) << thrice;
}

TEST(TopOnce, OfOneThatEndsSaysSo) {
  Playground playground;
  Holder holder(playground, {"10", "10"});
  Process top(playground.command({"top", "--once", holder.pid_text(), "-c", "100000", "-i", "0.1"}));
  ASSERT_TRUE(eventually([&] { return has(top.out(), "live 100 B"); }));
  holder.end();
  const Outcome outcome = top.wait();
  EXPECT_EQ(outcome.exit_code, 0) << outcome;
  EXPECT_TRUE(has(outcome.err, "has ended")) << outcome;
}

TEST(TopOnce, OfNobodySaysHowToStartOne) {
  const Playground playground;
  EXPECT_TRUE(has(playground.run({"top", "--once"}).out, "heapmeter run --"))
      << playground.run({"top", "--once"});
}

}  // namespace
