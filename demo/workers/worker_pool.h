// SPDX-License-Identifier: MIT
//
// N workers on N threads, served in turn. Every task gets exactly one answer: its result or an error. A task
// is refused with kFailedToSend when no worker lives, and with kFailedToReceive when its worker died or was
// shut down before it came to the task.
//
// All members may be called from coroutines on any executor and thread; the pool must outlive those calls.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "workers/worker.h"

namespace demo {

enum class PoolError { kFailedToSend, kFailedToReceive };
std::string_view describe(PoolError error);

std::uint64_t sum_of(std::span<const std::uint32_t> numbers);

class WorkerPool {
 public:
  explicit WorkerPool(std::size_t workers, TaskFunction task = sum_of);
  WorkerPool(const WorkerPool &) = delete;
  WorkerPool &operator=(const WorkerPool &) = delete;
  ~WorkerPool();

  // Ends the threads after the task at hand; whatever is queued gets its error. To finish it, shutdown()
  // first.
  void close();

  boost::asio::awaitable<std::expected<std::uint64_t, PoolError>> process_data(
      std::vector<std::uint32_t> numbers);

  // Of every worker, the dead ones included.
  boost::asio::awaitable<std::vector<WorkerStats>> get_all_stats();

  // Finishes every task sent before it, and answers with the final figures.
  boost::asio::awaitable<std::vector<WorkerStats>> shutdown();

  std::size_t size() const { return workers_.size(); }

 private:
  Worker *next_alive();
  template <typename Question>
  boost::asio::awaitable<std::vector<WorkerStats>> ask_all();

  const TaskFunction task_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<std::size_t> next_worker_{0};
  boost::asio::thread_pool threads_;  // last: its threads use all of the above
};

}  // namespace demo
