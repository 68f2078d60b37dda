// SPDX-License-Identifier: MIT
//
// Two who want a look at the same process: the second waits for the end of the first's.
#include <gtest/gtest.h>

#include <string>

#include "support/caught_look.h"
#include "support/meter.h"
#include "tools/tool.h"

using namespace heapmeter::testing;

namespace {

// As the kernel says it: it waits for a time to come.
bool is_asleep(pid_t pid) {
  constexpr const char *kClockNanosleep = "230 ";
  return read_file("/proc/" + std::to_string(pid) + "/syscall").starts_with(kClockNanosleep);
}

TEST(InTurn, ALookWaitsForTheEndOfAnothers) {
  const Playground playground;
  Command command{{victim("amid_look"), "", ""}};
  command.environment = playground.environment();
  command.environment["LD_PRELOAD"] = library();
  Process process(command);
  ASSERT_TRUE(eventually([&] { return process.out() == "ready\n"; })) << process.err();
  const std::string socket = socket_of(playground.sockets(), process.pid());
  for (const std::vector<std::string> &options :
       {std::vector<std::string>{"leaks", "--once", socket}, {"holders", "--class", "16", socket}}) {
    const CaughtLook others(process.pid(), socket);
    Process second(playground.command(options));
    eventually([&] { return !second.running() || is_asleep(second.pid()); });
    others.go_on();
    const Outcome outcome = second.wait();
    EXPECT_TRUE(outcome.ok()) << options.at(0) << ": " << outcome;
  }
  const CaughtLook others(process.pid(), socket);
  const Outcome late = playground.run({"leaks", "--once", socket});
  EXPECT_EQ(late.exit_code, 1) << late;
  EXPECT_NE(late.err.find(": another look is under way; try again when it is done\n"), std::string::npos)
      << late;
}

}  // namespace
