// SPDX-License-Identifier: MIT
#include "workers/worker_pool.h"

#include <algorithm>
#include <future>
#include <latch>
#include <stdexcept>

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

namespace demo {
namespace {

namespace asio = boost::asio;
using Numbers = std::vector<std::uint32_t>;
using Answer = std::expected<std::uint64_t, PoolError>;

constexpr auto kDeadline = std::chrono::seconds(60);

class WorkerPoolTest : public testing::Test {
 protected:
  WorkerPoolTest() { spdlog::set_level(spdlog::level::off); }

  template <typename T>
  std::future<T> start(asio::awaitable<T> work) {
    return asio::co_spawn(clients_, std::move(work), asio::use_future);
  }
  template <typename T>
  static T finish(std::future<T> future) {
    if (future.wait_for(kDeadline) != std::future_status::ready) {
      ADD_FAILURE() << "deadlock: no answer in time";
      std::abort();  // the coroutine still uses the pool, nothing can be destroyed
    }
    return future.get();
  }
  template <typename T>
  T run(asio::awaitable<T> work) {
    return finish(start(std::move(work)));
  }

  asio::thread_pool clients_{3};
};

TEST_F(WorkerPoolTest, AnswersTheSum) {
  WorkerPool pool(4);
  EXPECT_EQ(run(pool.process_data({1, 2, 3, 4, 5})), Answer(15));
  EXPECT_EQ(run(pool.process_data({})), Answer(0));
  EXPECT_EQ(run(pool.process_data({4'294'967'295, 4'294'967'295})), Answer(8'589'934'590));
}

TEST_F(WorkerPoolTest, DealsTasksInTurn) {
  WorkerPool pool(4);
  for (int task = 0; task < 40; ++task) run(pool.process_data({1}));
  const auto stats = run(pool.get_all_stats());
  ASSERT_EQ(stats.size(), 4u);
  for (const auto &worker : stats) EXPECT_EQ(worker.tasks_processed, 10u) << worker.worker;
}

TEST_F(WorkerPoolTest, KeepsTimes) {
  WorkerPool pool(1, [](std::span<const std::uint32_t>) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
    while (std::chrono::steady_clock::now() < until) {
    }
    return std::uint64_t{0};
  });
  for (int task = 0; task < 3; ++task) run(pool.process_data({}));
  const auto stats = run(pool.get_all_stats()).at(0);
  EXPECT_GE(stats.total_processing_time, std::chrono::milliseconds(6));
  EXPECT_EQ(stats.average_processing_time(), stats.total_processing_time / 3);
}

TEST_F(WorkerPoolTest, FarMoreTasksThanTheChannelsHoldAreAllAnswered) {
  WorkerPool pool(2);
  std::vector<std::future<Answer>> answers;
  for (std::uint32_t task = 0; task < 5'000; ++task) answers.push_back(start(pool.process_data({task, 1})));
  for (std::uint32_t task = 0; task < 5'000; ++task)
    ASSERT_EQ(finish(std::move(answers[task])), Answer(std::uint64_t{task} + 1));
}

TEST_F(WorkerPoolTest, ShutdownFinishesWhatWasSentBefore) {
  std::latch begun(1), go_on(1);
  WorkerPool pool(1, [&](std::span<const std::uint32_t> numbers) {
    if (numbers.front() == 0) {
      begun.count_down();
      go_on.wait();
    }
    return sum_of(numbers);
  });
  // One thread, so that these are sent in the order written; all wait behind the first, which is held up.
  asio::thread_pool sender(1);
  std::vector<std::future<Answer>> answers;
  for (std::uint32_t task = 0; task <= 50; ++task)
    answers.push_back(asio::co_spawn(sender, pool.process_data({task}), asio::use_future));
  auto stopped = asio::co_spawn(sender, pool.shutdown(), asio::use_future);
  begun.wait();
  go_on.count_down();
  for (std::uint32_t task = 0; task <= 50; ++task)
    EXPECT_EQ(finish(std::move(answers[task])), Answer(std::uint64_t{task}));
  EXPECT_EQ(finish(std::move(stopped)).at(0).tasks_processed, 51u);
}

TEST_F(WorkerPoolTest, AfterShutdownNothingIsTaken) {
  WorkerPool pool(2);
  run(pool.shutdown());
  EXPECT_EQ(run(pool.process_data({1})), Answer(std::unexpected(PoolError::kFailedToSend)));
  EXPECT_EQ(run(pool.shutdown()).size(), 2u) << "a second shutdown is answered too";
}

std::uint64_t dies_of_13(std::span<const std::uint32_t> numbers) {
  for (const auto number : numbers)
    if (number == 13) throw std::runtime_error("13");
  return sum_of(numbers);
}

TEST_F(WorkerPoolTest, TaskOfADyingWorkerFailsToReceive) {
  WorkerPool pool(1, dies_of_13);
  EXPECT_EQ(run(pool.process_data({13})), Answer(std::unexpected(PoolError::kFailedToReceive)));
  EXPECT_EQ(run(pool.process_data({1})), Answer(std::unexpected(PoolError::kFailedToSend)));
}

TEST_F(WorkerPoolTest, TheOthersGoOnWhenOneDies) {
  WorkerPool pool(3, dies_of_13);
  EXPECT_FALSE(run(pool.process_data({13})));
  for (std::uint32_t task = 14; task < 44; ++task)
    EXPECT_EQ(run(pool.process_data({task})), Answer(std::uint64_t{task}));
  const auto stats = run(pool.get_all_stats());
  EXPECT_EQ(std::ranges::count(stats, true, &WorkerStats::alive), 2);
}

// Senders that wait for room in the channel of a worker that dies are the case Asio's own close() forgets.
TEST_F(WorkerPoolTest, DeathUnderLoadLeavesNobodyWaiting) {
  for (int round = 0; round < 20; ++round) {
    std::latch begun(1), go_on(1);
    WorkerPool pool(1, [&](std::span<const std::uint32_t> numbers) {
      if (numbers.front() == 13) {
        begun.count_down();
        go_on.wait();
      }
      return dies_of_13(numbers);
    });
    std::vector<std::future<Answer>> answers;
    answers.push_back(start(pool.process_data({13})));
    begun.wait();
    for (std::uint32_t task = 100; task < 400; ++task) answers.push_back(start(pool.process_data({task})));
    go_on.count_down();
    for (auto &answer : answers) EXPECT_FALSE(finish(std::move(answer)));
  }
}

TEST_F(WorkerPoolTest, ShutdownUnderLoadAnswersEveryTask) {
  for (int round = 0; round < 20; ++round) {
    WorkerPool pool(2);
    std::vector<std::future<Answer>> answers;
    for (std::uint32_t task = 0; task < 500; ++task) answers.push_back(start(pool.process_data({task})));
    auto stopped = start(pool.shutdown());
    std::uint64_t done = 0;
    for (auto &answer : answers) done += finish(std::move(answer)) ? 1 : 0;
    std::uint64_t processed = 0;
    for (const auto &worker : finish(std::move(stopped))) processed += worker.tasks_processed;
    EXPECT_EQ(done, processed);
  }
}

TEST_F(WorkerPoolTest, ErrorsReadLikeTheArticles) {
  EXPECT_EQ(describe(PoolError::kFailedToSend), "failed to send message");
  EXPECT_EQ(describe(PoolError::kFailedToReceive), "failed to receive response");
}

}  // namespace
}  // namespace demo
