// SPDX-License-Identifier: MIT
//
// Turns a Response into bytes behind those that already wait to be written. Allocates only when the buffer
// grows.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "server/http_message.h"

namespace demo {

// The Date field's value, made anew once a second; one for each thread.
class HttpDate {
 public:
  std::string_view now();

 private:
  std::time_t second_ = 0;
  char text_[32] = {};
  std::size_t size_ = 0;
};

// Decides the connection's fate with the request at hand.
struct Delivery {
  bool without_body = false;  // HEAD: the head says what the body would be
  bool close = false;
  bool say_keep_alive = false;  // HTTP/1.0 closes unless told
};

void append_response(const Response &response, const Delivery &delivery, std::string_view date,
                     std::string &out);

}  // namespace demo
