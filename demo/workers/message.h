// SPDX-License-Identifier: MIT
//
// What can be asked of a worker. Every question carries the way back for its answer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "workers/one_shot.h"

namespace demo {

struct WorkerStats {
  std::size_t worker = 0;
  bool alive = false;  // false after its task function threw, and after shutdown
  std::uint64_t tasks_processed = 0;
  std::chrono::nanoseconds total_processing_time{0};

  std::chrono::nanoseconds average_processing_time() const {
    if (tasks_processed == 0) return {};
    return total_processing_time / static_cast<std::int64_t>(tasks_processed);
  }
};

struct ProcessData {
  std::vector<std::uint32_t> numbers;
  OneShot<std::uint64_t>::Sender reply;
};
struct GetStats {
  OneShot<WorkerStats>::Sender reply;
};
// Answered when everything sent before it is done.
struct Shutdown {
  OneShot<WorkerStats>::Sender reply;
};

// A channel must be able to make an empty message.
using WorkerMessage = std::variant<std::monostate, ProcessData, GetStats, Shutdown>;

}  // namespace demo
