// SPDX-License-Identifier: MIT
//
// The thread that takes the census for top.
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>

#include "support/temp_dir.h"
#include "tools/fake_server.h"
#include "tools/snapshot_text.h"
#include "top/collector.h"

using namespace heapmeter::testing;
using namespace heapmeter::cli::tui;

namespace {

class CollectorTest : public ::testing::Test {
 protected:
  CollectorTest() { setenv("HEAPMETER_DIR", dir_.path().c_str(), 1); }
  ~CollectorTest() override { unsetenv("HEAPMETER_DIR"); }

  // A pid above the kernel's limit: no process of this machine.
  std::filesystem::path socket(int pid) const { return dir_ / (std::to_string(4'194'304 + pid) + "-1.sock"); }

  static std::optional<Round> next_round(Collector &collector) {
    pollfd wanted{collector.fd(), POLLIN, 0};
    return poll(&wanted, 1, 20'000) > 0 ? collector.take() : std::nullopt;
  }

  TempDir dir_;
};

TEST_F(CollectorTest, TakesANewIntervalAtOnceAlsoWhileItWaitsForOneThatHangs) {
  const FakeServer hangs(socket(1), say_nothing);
  const FakeServer answers(socket(2), answer(http_answer(snapshot_text())));
  Collector collector(3600, std::nullopt, {});
  ASSERT_TRUE(next_round(collector));
  ASSERT_TRUE(next_round(collector)) << "the first is a short one";
  collector.set_interval(0.1);
  for (int round = 0; round < 3; ++round) ASSERT_TRUE(next_round(collector)) << round;
}

}  // namespace
