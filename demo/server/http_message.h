// SPDX-License-Identifier: MIT
//
// A request as the handlers see it, and the response they fill in. Both only refer to buffers of the session,
// which keeps them for as long as the request is being answered.
#pragma once

#include <string>
#include <string_view>

#include <boost/beast/http/status.hpp>
#include <boost/beast/http/verb.hpp>

namespace demo {

namespace http = boost::beast::http;

struct Request {
  http::verb method = http::verb::unknown;
  std::string_view path = {};  // decoded, without the query
  std::string_view body = {};
  bool keep_alive = false;
  bool is_http_1_0 = false;
};

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kOpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

struct Response {
  std::string &body;
  http::status status = http::status::ok;
  std::string_view content_type = kJson;
  std::string_view allow = {};  // for 405

  // The text must be safe inside a JSON string.
  void fail(http::status with, std::string_view text) {
    status = with;
    content_type = kJson;
    body.assign("{\"error\":\"").append(text).append("\"}");
  }
};

}  // namespace demo
