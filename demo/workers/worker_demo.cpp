// SPDX-License-Identifier: MIT
//
// Tasks are allocated on one thread and freed on another, so the figures are the process's, taken while all
// is quiet.
#include "workers/worker_demo.h"

#include <exception>
#include <stdexcept>

#include <fmt/core.h>
#include <spdlog/spdlog.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <heapmeter/heapmeter.hpp>

#include "support/meter_text.h"
#include "workers/worker_pool.h"

namespace demo {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kWorkers = 4;
constexpr int kTasks = 10'000;

// Named, because GCC 12 cannot have a braced list inside a co_await expression.
using Numbers = std::vector<std::uint32_t>;
const std::vector<Numbers> kArticleTasks = {
    {1, 2, 3, 4, 5}, {10, 20, 30}, {100, 200, 300, 400}, {1000, 2000}};
const std::vector<Numbers> kUnluckyTasks = {{1, 2}, {13}, {1, 2}};
const Numbers kSmallTask = {1, 2, 3};

// Runs one coroutine to its end on this thread.
void run(asio::awaitable<void> work) {
  asio::io_context context(1);
  std::exception_ptr failure;
  asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown) { failure = thrown; });
  context.run();
  if (failure) std::rethrow_exception(failure);
}

void print(const std::vector<WorkerStats> &all) {
  for (const auto &stats : all)
    fmt::print("  worker {}: {:>5} tasks, {:>9} ns in all, {:>5} ns on average{}\n", stats.worker,
               with_commas(stats.tasks_processed), with_commas(stats.total_processing_time.count()),
               stats.average_processing_time().count(), stats.alive ? "" : ", ended");
}

asio::awaitable<void> print_sum(WorkerPool &pool, Numbers numbers) {
  const auto sum = co_await pool.process_data(std::move(numbers));
  if (sum)
    fmt::print("  {}\n", *sum);
  else
    fmt::print("  error: {}\n", describe(sum.error()));
}

asio::awaitable<void> article(WorkerPool &pool) {
  fmt::print("Results\n");
  for (const auto &numbers : kArticleTasks) co_await print_sum(pool, numbers);
  print(co_await pool.get_all_stats());
}

asio::awaitable<void> many(WorkerPool &pool) {
  const auto before = heapmeter::process();
  for (int task = 0; task < kTasks; ++task) {
    const auto sum = co_await pool.process_data(kSmallTask);
    if (!sum) throw std::runtime_error("a task was refused by a pool that is well; this is a bug");
  }
  const auto after = heapmeter::process();
  fmt::print("\n{} tasks, one after another: {}\n", with_commas(kTasks),
             before && after
                 ? fmt::format("{:.2f} allocations each",
                               static_cast<double>(after->allocations - before->allocations) / kTasks)
                 : "not metered");
  print(co_await pool.shutdown());
}

asio::awaitable<void> death(WorkerPool &pool) {
  fmt::print("\nA pool of one whose worker dies of the number 13\n");
  for (const auto &numbers : kUnluckyTasks) co_await print_sum(pool, numbers);
}

std::uint64_t superstitious_sum(std::span<const std::uint32_t> numbers) {
  for (const auto number : numbers)
    if (number == 13) throw std::invalid_argument("13");
  return sum_of(numbers);
}

void run_all() {
  {
    WorkerPool pool(kWorkers);
    run(article(pool));
    run(many(pool));
  }
  spdlog::set_level(spdlog::level::off);  // the death that follows is on purpose
  WorkerPool pool(1, superstitious_sum);
  run(death(pool));
}

}  // namespace

ExitCode run_worker_demo(const std::optional<std::string> &) {
  run_all();
  const auto before = heapmeter::process();
  {
    WorkerPool pool(kWorkers);
    run([](WorkerPool &inner) -> asio::awaitable<void> {
      for (int task = 0; task < kTasks; ++task) co_await inner.process_data(kSmallTask);
      co_await inner.shutdown();
    }(pool));
  }
  const auto after = heapmeter::process();
  fmt::print("\nA pool made, given {} tasks, shut down and destroyed: live bytes {}\n", with_commas(kTasks),
             before && after
                 ? fmt::format("{:+}", static_cast<std::int64_t>(after->live_bytes - before->live_bytes))
                 : "not metered");
  return ExitCode::kOk;
}

}  // namespace demo
