// SPDX-License-Identifier: MIT
#include "server/heap_report.h"

#include <iterator>

#include <fmt/format.h>
#include <heapmeter/heapmeter.hpp>

#include "server/handlers.h"
#include "server/router.h"

namespace demo {
namespace {

struct RouteSum {
  std::uint64_t requests = 0;
  std::uint64_t allocations = 0;
  std::uint64_t allocated_bytes = 0;

  void add(const RouteTally &tally) {
    requests += tally.requests.get();
    allocations += tally.allocations.get();
    allocated_bytes += tally.allocated_bytes.get();
  }
  double per_request() const {
    return requests == 0 ? 0 : static_cast<double>(allocations) / static_cast<double>(requests);
  }
};

RouteSum sum_of_route(const App &app, std::size_t route) {
  RouteSum sum;
  for (const Tally *tally : app.tallies) sum.add(tally->routes[route]);
  return sum;
}

RouteSum sum_of_all(const App &app) {
  RouteSum sum;
  for (const Tally *tally : app.tallies)
    for (const RouteTally &route : tally->routes) sum.add(route);
  return sum;
}

std::uint64_t sum_of(const App &app, Counter Tally::*counter) {
  std::uint64_t sum = 0;
  for (const Tally *tally : app.tallies) sum += (tally->*counter).get();
  return sum;
}

// "GET /users/{id}"; the last is for everything no route answered.
void append_route_name(std::size_t route, std::string &out) {
  if (route == unrouted()) {
    out += "other";
    return;
  }
  out += http::to_string(routes()[route].method);
  out += ' ';
  out += routes()[route].pattern;
}

}  // namespace

void append_heap_json(const App &app, std::string &out) {
  const auto to = std::back_inserter(out);
  const auto heap = heapmeter::process();
  const auto all = sum_of_all(app);
  fmt::format_to(to, "{{\"metered\":{}", heap.has_value());
  if (heap) {
#define HEAPMETER_COUNTER(type, name, unit, help) fmt::format_to(to, ",\"" #name "\":{}", heap->name);
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
    fmt::format_to(to, ",\"request_allocations\":{},\"allocations_per_request\":{:.6f}", all.allocations,
                   all.per_request());
  }
  fmt::format_to(to,
                 ",\"requests\":{},\"connections\":{},\"rejected_connections\":{},\"open_connections\":{}",
                 all.requests, sum_of(app, &Tally::connections), sum_of(app, &Tally::rejected_connections),
                 app.open_connections.load(std::memory_order_relaxed));
  fmt::format_to(to, ",\"users\":{},\"routes\":[", app.users.size());
  for (std::size_t route = 0; route <= unrouted(); ++route) {
    const auto sum = sum_of_route(app, route);
    out += route == 0 ? "{\"route\":\"" : ",{\"route\":\"";
    append_route_name(route, out);
    fmt::format_to(to, "\",\"requests\":{}", sum.requests);
    if (heap)
      fmt::format_to(to, ",\"allocations\":{},\"allocated_bytes\":{},\"allocations_per_request\":{:.6f}",
                     sum.allocations, sum.allocated_bytes, sum.per_request());
    out += '}';
  }
  out += "]}";
}

void append_open_metrics(const App &app, std::string &out) {
  const auto to = std::back_inserter(out);
  const auto family = [&](std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(to, "# TYPE {0} {1}\n# HELP {0} {2}.\n", name, type, help);
  };
  const auto total = [](std::string_view type) { return type == "counter" ? "_total" : ""; };
  if (const auto heap = heapmeter::process()) {
#define HEAPMETER_COUNTER(type, name, unit, help) \
  family("heapmeter_" #name, #type, help);        \
  fmt::format_to(to, "heapmeter_" #name "{} {}\n", total(#type), heap->name);
#include <heapmeter/counters.def>
#undef HEAPMETER_COUNTER
  }

  const auto by_route = [&](std::string_view name, std::string_view help, std::uint64_t RouteSum::*figure) {
    family(name, "counter", help);
    for (std::size_t route = 0; route <= unrouted(); ++route) {
      fmt::format_to(to, "{}_total{{route=\"", name);
      append_route_name(route, out);
      fmt::format_to(to, "\"}} {}\n", sum_of_route(app, route).*figure);
    }
  };
  by_route("user_server_requests", "Requests answered", &RouteSum::requests);
  if (heapmeter::metered()) {
    by_route("user_server_request_allocations", "Blocks the I/O threads allocated", &RouteSum::allocations);
    by_route("user_server_request_allocated_bytes", "Bytes they requested", &RouteSum::allocated_bytes);
  }
  family("user_server_connections", "counter", "Connections accepted");
  fmt::format_to(to, "user_server_connections_total {}\n", sum_of(app, &Tally::connections));
  family("user_server_rejected_connections", "counter", "Connections answered 503");
  fmt::format_to(to, "user_server_rejected_connections_total {}\n",
                 sum_of(app, &Tally::rejected_connections));
  family("user_server_open_connections", "gauge", "Connections open now");
  fmt::format_to(to, "user_server_open_connections {}\n",
                 app.open_connections.load(std::memory_order_relaxed));
  family("user_server_users", "gauge", "Users kept");
  fmt::format_to(to, "user_server_users {}\n# EOF\n", app.users.size());
}

void heap(App &app, const Request &, Response &response) { append_heap_json(app, response.body); }

void metrics(App &app, const Request &, Response &response) {
  response.content_type = kOpenMetrics;
  append_open_metrics(app, response.body);
}

}  // namespace demo
