// SPDX-License-Identifier: MIT
#include "leaks/kernel_held.h"

#include <gtest/gtest.h>

using namespace heapmeter::leaks;

namespace {

TEST(KernelHeld, TakesWhatWasPutIntoAnEpoll) {
  EXPECT_EQ(epoll_word("tfd:        5 events:       19 data:     7f00deadbeef  pos:0 ino:2a sdev:c"),
            0x7f00deadbeefu);
  EXPECT_EQ(epoll_word("tfd: 5 events: 19 data: ffffffffffffffff  pos:0"), ~uint64_t{0});
  for (const char *line : {"", "pos:\t0", "tfd:", "tfd: 5 data", "tfd: 5 data:", "data: 12", "flags:\t02"})
    EXPECT_EQ(epoll_word(line), 0u) << line;
}

TEST(KernelHeld, TakesWhatTimersWillBring) {
  EXPECT_EQ(timer_word("signal: 10/00007f00deadbeef"), 0x7f00deadbeefu);
  for (const char *line : {"", "ID: 0", "signal: 10", "signal: 10/", "notify: signal/pid.12", "ClockID: 1"})
    EXPECT_EQ(timer_word(line), 0u) << line;
}

}  // namespace
