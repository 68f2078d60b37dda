// SPDX-License-Identifier: MIT
#include "server/response_writer.h"

#include <charconv>
#include <ostream>  // Boost 1.81's string_view needs it and does not include it

#include <boost/beast/http/status.hpp>

namespace demo {
namespace {

void append_number(std::string &out, std::uint64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

}  // namespace

std::string_view HttpDate::now() {
  const std::time_t second = std::time(nullptr);
  if (second != second_) {
    std::tm utc{};
    ::gmtime_r(&second, &utc);
    // The default locale is the C locale, whose names of days and months HTTP wants; nobody sets another one.
    size_ = std::strftime(text_, sizeof text_, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    second_ = second;
  }
  return {text_, size_};
}

void append_response(const Response &response, const Delivery &delivery, std::string_view date,
                     std::string &out) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<unsigned>(response.status));
  out += ' ';
  out += http::obsolete_reason(response.status);
  out += "\r\nDate: ";
  out += date;
  out += "\r\nContent-Type: ";
  out += response.content_type;
  out += "\r\nContent-Length: ";
  append_number(out, response.body.size());
  if (!response.allow.empty()) out.append("\r\nAllow: ").append(response.allow);
  if (response.status == http::status::service_unavailable) out += "\r\nRetry-After: 1";
  if (delivery.close)
    out += "\r\nConnection: close";
  else if (delivery.say_keep_alive)
    out += "\r\nConnection: keep-alive";
  out += "\r\n\r\n";
  if (!delivery.without_body) out += response.body;
}

}  // namespace demo
