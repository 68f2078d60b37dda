// SPDX-License-Identifier: MIT
//
// The article's three measurements, with its sizes, and the pool against operator new.
#include "benchmark/measurements.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "benchmark/metered_loop.h"
#include "pool/pool.h"

namespace demo {
namespace {

constexpr int kElements = 10'000;
constexpr int kLookups = 1'000;
constexpr int kRepetitions = 10;
constexpr double kSecondsEach = 0.05;

using Pairs = std::vector<std::pair<std::string, int>>;
using Map = std::unordered_map<std::string, int>;

const Pairs &pairs() {
  static const Pairs all = [] {
    Pairs made;
    made.reserve(kElements);
    for (int number = 0; number < kElements; ++number)
      made.emplace_back("key_" + std::to_string(number), number);
    return made;
  }();
  return all;
}

void hash_map_insert(benchmark::State &state) {
  const Pairs &elements = pairs();
  const MeteredLoop metered(state);
  for (auto _ : state) {
    Map map;
    for (const auto &[key, value] : elements) map.emplace(key, value);
    benchmark::DoNotOptimize(map);
  }
}

void hash_map_lookup(benchmark::State &state) {
  const Pairs &elements = pairs();
  const Map map(elements.begin(), elements.end());
  const MeteredLoop metered(state);
  for (auto _ : state)
    for (int lookup = 0; lookup < kLookups; ++lookup)
      benchmark::DoNotOptimize(map.find(elements[static_cast<std::size_t>(lookup)].first));
}

void linear_search(benchmark::State &state) {
  const Pairs &elements = pairs();
  const MeteredLoop metered(state);
  for (auto _ : state)
    for (int lookup = 0; lookup < kLookups; ++lookup) {
      const auto &wanted = elements[static_cast<std::size_t>(lookup)].first;
      benchmark::DoNotOptimize(std::ranges::find(elements, wanted, &Pairs::value_type::first));
    }
}

using Packet = std::array<std::byte, 1500>;

void new_and_delete(benchmark::State &state) {
  const MeteredLoop metered(state);
  for (auto _ : state) benchmark::DoNotOptimize(std::make_unique_for_overwrite<Packet>());
}

template <typename PoolOfPackets>
void pool_lease(benchmark::State &state) {
  PoolOfPackets pool(8);
  const MeteredLoop metered(state);
  for (auto _ : state) benchmark::DoNotOptimize(pool.lease());
}

double least(const std::vector<double> &values) { return *std::ranges::min_element(values); }
double most(const std::vector<double> &values) { return *std::ranges::max_element(values); }

}  // namespace

void register_measurements() {
  const auto add = [](const char *name, void (*measure)(benchmark::State &)) {
    benchmark::RegisterBenchmark(name, measure)
        ->Repetitions(kRepetitions)
        ->MinTime(kSecondsEach)
        ->ComputeStatistics("min", least)
        ->ComputeStatistics("max", most);
  };
  add("hash map insert, 10000", hash_map_insert);
  add("hash map lookup, 1000", hash_map_lookup);
  add("linear search, 1000", linear_search);
  add("new and delete, 1500 bytes", new_and_delete);
  add("Pool, 1500 bytes", pool_lease<Pool<Packet>>);
  add("SharedPool, 1500 bytes", pool_lease<SharedPool<Packet>>);
}

}  // namespace demo
