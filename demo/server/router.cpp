// SPDX-License-Identifier: MIT
#include "server/router.h"

#include <array>
#include <exception>

#include <spdlog/spdlog.h>

#include "server/handlers.h"

namespace demo {
namespace {

constexpr std::array kRoutes = {
    Route{http::verb::get, "/users", list_users, nullptr},
    Route{http::verb::post, "/users", create_user, nullptr},
    Route{http::verb::get, "/users/{id}", get_user, nullptr},
    Route{http::verb::post, "/sum", nullptr, sum},
    Route{http::verb::get, "/workers", nullptr, worker_stats},
    Route{http::verb::get, "/heap", heap, nullptr},
    Route{http::verb::get, "/metrics", metrics, nullptr},
};
static_assert(kRoutes.size() < kMaxRoutes, "raise kMaxRoutes");

bool matches(std::string_view pattern, std::string_view path) {
  const auto brace = pattern.find('{');
  return brace == std::string_view::npos ? path == pattern : path.starts_with(pattern.substr(0, brace));
}

// "GET, HEAD, POST" for the paths that have both; the table is small enough to be spelt out.
std::string_view allowed(bool get, bool post) {
  if (get && post) return "GET, HEAD, POST";
  return get ? "GET, HEAD" : "POST";
}

void fail(const std::exception &error, const Request &request, Response &response) {
  spdlog::error("event=handler_failed path={:?} reason={:?}", request.path, error.what());
  response.body.clear();
  response.fail(http::status::internal_server_error, "The server failed to answer; its log says why");
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }
std::size_t unrouted() { return kRoutes.size(); }

const Route *find_route(const Request &request, Response &response) {
  const auto method = request.method == http::verb::head ? http::verb::get : request.method;
  if (method == http::verb::unknown || method == http::verb::connect) {
    response.fail(http::status::not_implemented, "Unknown method");
    return nullptr;
  }
  bool get = request.path == "*", post = get;
  for (const Route &route : kRoutes) {
    if (!matches(route.pattern, request.path)) continue;
    if (route.method == method) return &route;
    (route.method == http::verb::get ? get : post) = true;
  }
  if (get || post) {
    response.fail(http::status::method_not_allowed, "Method not allowed");
    response.allow = allowed(get, post);
  } else {
    response.fail(http::status::not_found, "Endpoint not found");
  }
  return nullptr;
}

void answer(const Route &route, App &app, const Request &request, Response &response) {
  try {
    route.answer(app, request, response);
  } catch (const std::exception &error) {
    fail(error, request, response);
  }
}

boost::asio::awaitable<void> answer_later(const Route &route, App &app, const Request &request,
                                          Response &response) {
  try {
    co_await route.answer_later(app, request, response);
  } catch (const std::exception &error) {
    fail(error, request, response);
  }
}

}  // namespace demo
