// SPDX-License-Identifier: MIT
//
// One worker: a coroutine that takes messages from its own bounded channel, one after another.
//
// It goes on receiving after a Shutdown and after its task function threw, and then refuses every task by
// dropping it, which wakes whoever waits for the answer. So a sender never blocks on a worker that is gone.
// The channel is never closed: Asio 1.81's close() neither wakes senders that wait for room nor hands out
// what is still buffered.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>

#include "workers/message.h"

namespace demo {

using TaskFunction = std::function<std::uint64_t(std::span<const std::uint32_t>)>;

class Worker {
 public:
  static constexpr std::size_t kChannelCapacity = 100;
  using Channel =
      boost::asio::experimental::concurrent_channel<void(boost::system::error_code, WorkerMessage)>;

  Worker(std::size_t id, const boost::asio::any_io_executor &executor, const TaskFunction &task);

  // Run once, on the executor given; ends with its threads.
  boost::asio::awaitable<void> run();

  Channel &channel() { return channel_; }
  bool is_alive() const { return alive_.load(std::memory_order_relaxed); }

 private:
  void handle(ProcessData &message);
  void handle(GetStats &message);
  void handle(Shutdown &message);
  void handle(std::monostate) {}

  const TaskFunction &task_;
  Channel channel_;
  WorkerStats stats_;              // of run() alone
  std::atomic<bool> alive_{true};  // a hint for the pool; whoever reads it late is refused by handle()
};

}  // namespace demo
