// SPDX-License-Identifier: MIT
//
// The HTTP request parser under arbitrary bytes: every verdict must be one of those the service knows, a path
// must lie within the text, and a longer reading of the same bytes must never turn a verdict back into "not
// yet". Linked with libFuzzer it is a fuzzer; linked with replay.cpp it replays the corpus and mutates it.
#include <cstdint>
#include <cstdlib>

#include "service/http_request.h"

using heapmeter::http::parse;
using heapmeter::http::Request;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr size_t kLimit = 4096;
  const auto *text = reinterpret_cast<const char *>(data);
  if (size > kLimit) size = kLimit;
  const Request whole = parse(text, size, kLimit);
  switch (whole.status) {
    case 200:
      if (whole.path < text || whole.path + whole.path_length > text + size || whole.path_length == 0)
        abort();
      break;
    case 0:
      if (size == kLimit) abort();
      break;
    case 400:
    case 405:
    case 431:
      if (whole.error == nullptr || *whole.error == '\0') abort();
      break;
    default:
      abort();
  }
  if (size > 0 && parse(text, size - 1, kLimit).status == 400 && whole.status == 0) abort();
  return 0;
}
