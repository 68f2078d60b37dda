// SPDX-License-Identifier: MIT
#include "workers/worker_pool.h"

#include <numeric>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace demo {
namespace asio = boost::asio;

std::string_view describe(PoolError error) {
  return error == PoolError::kFailedToSend ? "failed to send message" : "failed to receive response";
}

std::uint64_t sum_of(std::span<const std::uint32_t> numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

WorkerPool::WorkerPool(std::size_t workers, TaskFunction task) : task_(std::move(task)), threads_(workers) {
  workers_.reserve(workers);
  for (std::size_t id = 0; id < workers; ++id) {
    workers_.push_back(std::make_unique<Worker>(id, threads_.get_executor(), task_));
    asio::co_spawn(threads_, workers_.back()->run(), asio::detached);
  }
}

WorkerPool::~WorkerPool() { close(); }

void WorkerPool::close() {
  threads_.stop();
  threads_.join();
  workers_.clear();  // the channels use a service of the threads' context, which must still be there
}

Worker *WorkerPool::next_alive() {
  for (std::size_t tried = 0; tried < workers_.size(); ++tried) {
    Worker &worker = *workers_[next_worker_.fetch_add(1, std::memory_order_relaxed) % workers_.size()];
    if (worker.is_alive()) return &worker;
  }
  return nullptr;
}

asio::awaitable<std::expected<std::uint64_t, PoolError>> WorkerPool::process_data(
    std::vector<std::uint32_t> numbers) {
  Worker *const worker = next_alive();
  if (worker == nullptr) co_return std::unexpected(PoolError::kFailedToSend);

  // On the pool's executor, not the caller's: a worker may be the last to let go of it, after the caller's
  // context.
  OneShot<std::uint64_t> answer(threads_.get_executor());
  WorkerMessage message = ProcessData{std::move(numbers), answer.sender()};
  const auto [sent] =
      co_await worker->channel().async_send({}, std::move(message), asio::as_tuple(asio::use_awaitable));
  if (sent) co_return std::unexpected(PoolError::kFailedToSend);

  const auto result = co_await answer.receive();
  if (!result) co_return std::unexpected(PoolError::kFailedToReceive);
  co_return *result;
}

// Sends all questions before it waits for the first answer, so that the workers answer side by side.
template <typename Question>
asio::awaitable<std::vector<WorkerStats>> WorkerPool::ask_all() {
  std::vector<OneShot<WorkerStats>> answers;
  answers.reserve(workers_.size());
  for (auto &worker : workers_) {
    auto &answer = answers.emplace_back(threads_.get_executor());
    WorkerMessage message = Question{answer.sender()};
    // A failure to send drops the question, and receive() below says so.
    co_await worker->channel().async_send({}, std::move(message), asio::as_tuple(asio::use_awaitable));
  }
  std::vector<WorkerStats> stats;
  stats.reserve(workers_.size());
  for (auto &answer : answers) {
    if (auto received = co_await answer.receive()) stats.push_back(*received);
  }
  co_return stats;
}

asio::awaitable<std::vector<WorkerStats>> WorkerPool::get_all_stats() { return ask_all<GetStats>(); }
asio::awaitable<std::vector<WorkerStats>> WorkerPool::shutdown() { return ask_all<Shutdown>(); }

}  // namespace demo
