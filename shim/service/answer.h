// SPDX-License-Identifier: MIT
//
// A whole HTTP answer for a parsed request, or an error as JSON.
#pragma once

#include "base/text_buffer.h"
#include "service/http_request.h"

namespace heapmeter::answer {

// Replaces what is in the text. A page too large for it is a 500. A change is made, and answered.
void write(TextBuffer &text, const http::Request &request) noexcept;
// How large a text the answer may need, where that is more than most; else 0.
size_t room_for(const http::Request &request) noexcept;
void write_error(TextBuffer &text, int status, const char *error, bool head) noexcept;

}  // namespace heapmeter::answer
