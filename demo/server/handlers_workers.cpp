// SPDX-License-Identifier: MIT
//
// The way from HTTP to the worker pool and back.
#include <iterator>
#include <limits>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "server/handlers.h"

namespace demo {
namespace {

namespace json = boost::json;

// {"numbers": [1, 2, 3]}, or nothing when it is anything else.
std::optional<std::vector<std::uint32_t>> parse_numbers(std::string_view body) {
  unsigned char room[4096];
  json::monotonic_resource memory(room);
  json::error_code error;
  const auto value = json::parse(body, error, &memory);
  if (error || !value.is_object()) return std::nullopt;
  const auto *list = value.get_object().if_contains("numbers");
  if (list == nullptr || !list->is_array()) return std::nullopt;
  std::vector<std::uint32_t> numbers;
  numbers.reserve(list->get_array().size());
  for (const auto &item : list->get_array()) {
    if (item.is_double() || !item.is_number()) return std::nullopt;
    numbers.push_back(item.to_number<std::uint32_t>(error));
    if (error) return std::nullopt;
  }
  return numbers;
}

}  // namespace

boost::asio::awaitable<void> sum(App &app, const Request &request, Response &response) {
  auto numbers = parse_numbers(request.body);
  if (!numbers) {
    response.fail(http::status::bad_request, "Send numbers, a list of whole numbers from 0 to 4294967295");
    co_return;
  }
  const auto result = co_await app.workers.process_data(std::move(*numbers));
  if (result)
    fmt::format_to(std::back_inserter(response.body), "{{\"sum\":{}}}", *result);
  else if (result.error() == PoolError::kFailedToSend)
    response.fail(http::status::service_unavailable, describe(result.error()));
  else
    response.fail(http::status::internal_server_error, describe(result.error()));
}

boost::asio::awaitable<void> worker_stats(App &app, const Request &, Response &response) {
  const auto all = co_await app.workers.get_all_stats();
  auto out = std::back_inserter(response.body);
  response.body += '[';
  for (const char *separator = ""; const auto &stats : all) {
    fmt::format_to(out,
                   "{}{{\"worker\":{},\"alive\":{},\"tasks_processed\":{},\"total_processing_ns\":{},"
                   "\"average_processing_ns\":{}}}",
                   separator, stats.worker, stats.alive, stats.tasks_processed,
                   stats.total_processing_time.count(), stats.average_processing_time().count());
    separator = ",";
  }
  response.body += ']';
}

}  // namespace demo
