// SPDX-License-Identifier: MIT
#include "workers/worker.h"

#include <exception>

#include <spdlog/spdlog.h>

namespace demo {

Worker::Worker(std::size_t id, const boost::asio::any_io_executor &executor, const TaskFunction &task)
    : task_(task), channel_(executor, kChannelCapacity), stats_{.worker = id, .alive = true} {}

boost::asio::awaitable<void> Worker::run() {
  for (;;) {
    auto [error, message] =
        co_await channel_.async_receive(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (error) co_return;
    std::visit([this](auto &content) { handle(content); }, message);
  }
}

void Worker::handle(ProcessData &message) {
  if (!stats_.alive) return;
  try {
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t result = task_(message.numbers);
    stats_.total_processing_time += std::chrono::steady_clock::now() - start;
    ++stats_.tasks_processed;
    message.reply.send(result);
  } catch (const std::exception &error) {
    stats_.alive = false;
    alive_.store(false, std::memory_order_relaxed);
    spdlog::error("event=worker_died worker={} reason=\"{}\"", stats_.worker, error.what());
  }
}

void Worker::handle(GetStats &message) { message.reply.send(stats_); }

void Worker::handle(Shutdown &message) {
  stats_.alive = false;
  alive_.store(false, std::memory_order_relaxed);
  message.reply.send(stats_);
}

}  // namespace demo
