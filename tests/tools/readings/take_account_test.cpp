// SPDX-License-Identifier: MIT
//
// How often a process is read that moves meanwhile, and which reading is shown.
#include "readings/take_account.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>

#include "support/temp_dir.h"
#include "tools/fake_server.h"

using namespace heapmeter::cli;
using namespace heapmeter::testing;
using namespace std::chrono_literals;

namespace {

// A process, this one, that says at each asking another amount of which not a byte is there.
class Moving {
 public:
  explicit Moving(std::vector<std::uint64_t> amounts)
      : amounts_(std::move(amounts)), server_(dir_ / "1-1.sock", [this](int connection) {
          read_request(connection);
          const std::uint64_t live = amounts_[static_cast<std::size_t>(asked_++) % amounts_.size()];
          send_text(connection, http_answer(fmt::format(
                                    R"({{"pid": 1, "start_time": 1, "name": "moving", "backend": "mimalloc",
                                    "live_bytes": {}, "live_blocks": 1, "usable_bytes": 0, "heap": [],
                                    "heap_blocks": [], "meter": []}})",
                                    live)));
        }) {}

  Target target() const {
    return {{SocketDirectory::open_unchecked(dir_.path()), "1-1.sock", 1, 1}, getpid()};
  }
  int asked() const { return asked_; }

 private:
  TempDir dir_;
  std::vector<std::uint64_t> amounts_;
  std::atomic<int> asked_ = 0;
  FakeServer server_;
};

constexpr std::uint64_t kTiB = std::uint64_t{1} << 40;

TEST(TakeAccount, ReadsAgainAndShowsTheReadingThatMovedLeast) {
  const Moving process({kTiB, kTiB, kTiB / 8, kTiB});
  const Account account = take_account(process.target(), 30s);
  EXPECT_EQ(process.asked(), 4);
  EXPECT_EQ(account.live_bytes, kTiB / 8);
  EXPECT_TRUE(account.moved());
}

TEST(TakeAccount, ReadsAsOftenAsItIsTold) {
  for (const int tries : {1, 9}) {
    const Moving process({kTiB});
    take_account(process.target(), 30s, tries);
    EXPECT_EQ(process.asked(), tries);
  }
}

}  // namespace
