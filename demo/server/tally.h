// SPDX-License-Identifier: MIT
//
// What one I/O thread has served, and what that cost on the heap. Written by its thread alone with plain
// relaxed stores, read by any; a reader may see a request of which the cost is not in yet.
//
// The rule of the costs: everything the thread allocated since its last finished request is charged to the
// request that finishes now, its connection's set-up and Asio's work included. So the routes' sums are the
// thread's total and nothing is left out.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <heapmeter/heapmeter.hpp>

namespace demo {

class Counter {
 public:
  void add(std::uint64_t amount) { value_.store(get() + amount, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct RouteTally {
  Counter requests;
  Counter allocations;
  Counter allocated_bytes;
};

// Room for the table of routes and one more: requests that matched none, or were no requests.
inline constexpr std::size_t kMaxRoutes = 16;

class Tally {
 public:
  std::array<RouteTally, kMaxRoutes> routes;
  Counter connections;
  Counter rejected_connections;

  // On the thread itself, before the first request.
  void begin() { last_ = heapmeter::thread(); }

  // On the thread itself, as a request has been answered.
  void finish(std::size_t route) {
    RouteTally &tally = routes[route];
    tally.requests.add(1);
    const auto now = heapmeter::thread();
    if (now && last_) {
      using heapmeter::operator-;
      const auto spent = *now - *last_;
      tally.allocations.add(spent.allocations + spent.reallocations);
      tally.allocated_bytes.add(spent.allocated_bytes);
    }
    last_ = now;
  }

 private:
  std::optional<heapmeter::ThreadCounters> last_;
};

}  // namespace demo
