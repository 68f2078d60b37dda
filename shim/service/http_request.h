// SPDX-License-Identifier: MIT
//
// The request side of HTTP/1.1 as far as the service speaks it: one GET or HEAD, or, for the paths
// where there is something to do, a POST; no body. Pure: bytes in, a verdict out; refuses rather than
// guesses.
#pragma once

#include <stddef.h>

namespace heapmeter::http {

struct Request {
  int status = 0;  // 0: not complete yet; 200: take path; else the error to answer
  const char *error = "";
  bool head = false;
  bool post = false;
  bool keep = false;           // asks for the connection to stay, and may have that
  const char *path = nullptr;  // into the text, without a query
  size_t path_length = 0;
  const char *query = nullptr;  // what follows the path and its question mark, likewise
  size_t query_length = 0;
};

// The first `bytes` bytes of a connection; `limit` is how many there may be before it is 431.
Request parse(const char *text, size_t bytes, size_t limit) noexcept;

const char *reason(int status) noexcept;

}  // namespace heapmeter::http
