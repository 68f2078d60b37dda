// SPDX-License-Identifier: MIT
//
// The table of routes, and which of them a request means. Handlers that must wait for something are
// coroutines, all others plain functions: those cost nothing to call.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "server/app.h"
#include "server/http_message.h"

namespace demo {

struct Route {
  http::verb method;
  std::string_view pattern;  // {id} at its end stands for the rest of the path
  void (*answer)(App &, const Request &, Response &);
  boost::asio::awaitable<void> (*answer_later)(App &, const Request &, Response &);  // when the other is null
};

std::span<const Route> routes();

// The place in the tallies of a request that no route answered.
std::size_t unrouted();

// The route for the request, or null: then the response says why (404, 405 with Allow, 501).
const Route *find_route(const Request &request, Response &response);

// Calls the handler; what it throws becomes a 500.
void answer(const Route &route, App &app, const Request &request, Response &response);
boost::asio::awaitable<void> answer_later(const Route &route, App &app, const Request &request,
                                          Response &response);

}  // namespace demo
