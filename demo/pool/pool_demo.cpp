// SPDX-License-Identifier: MIT
//
// The timings are one run's, for an impression; the counts are exact. `benchmark` measures the same with
// statistics.
#include "pool/pool_demo.h"

#include <array>
#include <chrono>
#include <list>
#include <string_view>

#include <fmt/core.h>

#include "pool/pool.h"
#include "pool/pool_resource.h"
#include "support/meter_text.h"

namespace demo {
namespace {

struct Packet {
  std::array<std::byte, 1500> bytes;
};

constexpr int kOperations = 100'000;

// Without this a compiler may leave out a new and delete whose result nobody looks at.
void keep(void *pointer) { asm volatile("" : : "r"(pointer) : "memory"); }

template <typename Work>
void measure(std::string_view what, Work work) {
  using Clock = std::chrono::steady_clock;
  const heapmeter::Scope scope;
  const auto start = Clock::now();
  for (int round = 0; round < kOperations; ++round) work();
  const std::chrono::duration<double, std::nano> time = Clock::now() - start;
  const auto spent = scope.spent();
  const auto allocations =
      spent ? fmt::format("{:.3f}", static_cast<double>(spent->allocations) / kOperations) : "not metered";
  fmt::print("  {:<34} {:>12} {:>10.1f} ns\n", what, allocations, time.count() / kOperations);
}

void show_limits() {
  const heapmeter::Scope scope;
  Pool<Packet> pool(2);
  const auto filled = scope.spent();
  auto first = pool.acquire();
  auto second = pool.acquire();
  const bool empty = pool.acquire() == nullptr;
  pool.release(std::move(first));
  pool.release(std::move(second));

  auto surplus = std::make_unique<Packet>();
  const heapmeter::Scope dropping;
  pool.release(std::move(surplus));
  const auto dropped = dropping.net_bytes();

  fmt::print("A pool of 2 packets of {} bytes\n", sizeof(Packet));
  fmt::print("  making it:                 {}\n", spent_text(filled));
  fmt::print("  acquire from it empty:     {}\n", empty ? "null" : "a packet");
  fmt::print("  release to it full:        surplus dropped, live bytes {}\n",
             heapmeter::metered() ? fmt::format("{:+}", dropped) : "not metered");
}

void show_savings() {
  fmt::print("\n{} operations each             allocations per op   time per op\n", with_commas(kOperations));
  Pool<Packet> pool(8);
  SharedPool<Packet> shared(8);
  measure("new and delete", [] { keep(std::make_unique_for_overwrite<Packet>().get()); });
  measure("Pool: lease and give back", [&] { keep(pool.lease().get()); });
  measure("SharedPool: lease and give back", [&] { keep(shared.lease().get()); });

  PoolResource<64> resource(16);
  const auto fill = [](auto &list) {
    for (int number = 0; number < 8; ++number) list.push_back(number);
    keep(&list);
  };
  measure("std::list of 8", [&] {
    std::list<int> list;
    fill(list);
  });
  measure("std::pmr::list of 8, PoolResource", [&] {
    std::pmr::list<int> list(&resource);
    fill(list);
  });
}

}  // namespace

ExitCode run_pool_demo(const std::optional<std::string> &) {
  show_limits();
  show_savings();
  return ExitCode::kOk;
}

}  // namespace demo
