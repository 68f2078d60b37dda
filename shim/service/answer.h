// SPDX-License-Identifier: MIT
//
// A whole HTTP answer for a parsed request, or an error as JSON; and what readers share of them.
#pragma once

#include "base/text_buffer.h"
#include "service/http_request.h"

namespace heapmeter {

namespace pages {
struct Page;
}

namespace answer {

// Replaces what is in the text. A page too large for it is a 500. A change is made, and answered. Whether the
// connection stays.
bool write(TextBuffer &text, const http::Request &request) noexcept;
// How large a text the answer may need, where that is more than most; else 0.
size_t room_for(const http::Request &request) noexcept;
// A look is begun, and answered when it is over, with what was found.
bool is_look(const http::Request &request) noexcept;
bool is_about_holders(const http::Request &request) noexcept;
void write_look(TextBuffer &text, bool keep) noexcept;
void write_error(TextBuffer &text, int status, const char *error, bool head) noexcept;

}  // namespace answer

// The one text that answers are written to, one after the other. Each is fresh, until there are more than
// HEAPMETER_FRESH_A_SECOND a second: then who asks for the page that was written last is given it again while
// it is new.
class Answers {
 public:
  Answers(char *memory, size_t capacity) noexcept : text_(memory, capacity) {}

  const TextBuffer &text() const noexcept { return text_; }
  // Whether the connection stays.
  bool write(const http::Request &request, uint64_t now_ns) noexcept;
  void write_error(int status, const char *error) noexcept;

 private:
  bool is_new(const pages::Page *page, bool keep, uint64_t now_ns) const noexcept;
  void take_a_fresh_one(uint64_t now_ns) noexcept;

  TextBuffer text_;
  const pages::Page *page_ = nullptr;  // whose text it is, in whole
  bool keep_ = false;
  uint64_t made_ns_ = 0;
  // Fresh ones to be had at once, as the time that they were saved up in.
  uint64_t saved_until_ns_ = 0;
};

}  // namespace heapmeter
