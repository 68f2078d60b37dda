// SPDX-License-Identifier: MIT
//
// The endpoints. Each appends its answer to response.body, which comes empty.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/app.h"
#include "server/http_message.h"

namespace demo {

void list_users(App &app, const Request &request, Response &response);
void create_user(App &app, const Request &request, Response &response);
void get_user(App &app, const Request &request, Response &response);
void heap(App &app, const Request &request, Response &response);
void metrics(App &app, const Request &request, Response &response);
boost::asio::awaitable<void> sum(App &app, const Request &request, Response &response);
boost::asio::awaitable<void> worker_stats(App &app, const Request &request, Response &response);

}  // namespace demo
