// SPDX-License-Identifier: MIT
//
// What the handlers work on: the users, the workers, and the figures of all I/O threads. One for the whole
// server.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "config/config.h"
#include "server/tally.h"
#include "server/user_store.h"
#include "workers/worker_pool.h"

namespace demo {

// A place for one connection, given back when it is destroyed; null when all are taken.
struct LeaveSeat {
  void operator()(std::atomic<std::size_t> *taken) const { taken->fetch_sub(1, std::memory_order_relaxed); }
};
using Seat = std::unique_ptr<std::atomic<std::size_t>, LeaveSeat>;

// Only one thread takes seats, any may leave them: so a check before the addition is enough.
inline Seat take_seat(std::atomic<std::size_t> &taken, std::size_t limit) {
  if (taken.load(std::memory_order_relaxed) >= limit) return nullptr;
  taken.fetch_add(1, std::memory_order_relaxed);
  return Seat(&taken);
}

struct App {
  App(const Config &with, TaskFunction task)
      : config(with), users(with.max_users), workers(with.workers, std::move(task)) {}

  const Config config;
  UserStore users;
  WorkerPool workers;
  std::vector<const Tally *> tallies;  // complete before the first request
  std::atomic<std::size_t> open_connections{0};
  std::atomic<std::size_t> rejected_connections{0};  // still being told so
};

}  // namespace demo
