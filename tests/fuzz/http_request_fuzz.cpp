// SPDX-License-Identifier: MIT
//
// The HTTP request parser, and that of what a change asks for, under arbitrary bytes: every verdict must be
// one of those the service knows, a path and a query must lie within the text, and a longer reading of the
// same bytes must never turn a verdict back into "not yet". Linked with libFuzzer it is a fuzzer; linked with
// replay.cpp it replays the corpus and mutates it.
#include <cstdint>
#include <cstdlib>

#include "base/quantity.h"
#include "service/change.h"
#include "service/http_request.h"

using heapmeter::http::parse;
using heapmeter::http::Request;

namespace {

bool is_within(const char *at, size_t length, const char *text, size_t size) {
  return at >= text && length <= size && at + length <= text + size;
}

void look_at_change(const char *query, size_t length) {
  heapmeter::attribution::Wish wish{heapmeter::quantity::kNoSamples, 0};
  const auto verdict = heapmeter::change::parse(query, length, wish);
  if (verdict.status != 200 && (verdict.status != 400 || *verdict.error == '\0')) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr size_t kLimit = 4096;
  const auto *text = reinterpret_cast<const char *>(data);
  if (size > kLimit) size = kLimit;
  const Request whole = parse(text, size, kLimit);
  switch (whole.status) {
    case 200:
      if (whole.path_length == 0 || !is_within(whole.path, whole.path_length, text, size)) abort();
      if (whole.query != nullptr && !is_within(whole.query, whole.query_length, text, size)) abort();
      if (whole.post) look_at_change(whole.query, whole.query_length);
      break;
    case 0:
      if (size == kLimit) abort();
      break;
    case 400:
    case 403:
    case 405:
    case 431:
      if (whole.error == nullptr || *whole.error == '\0') abort();
      break;
    default:
      abort();
  }
  look_at_change(text, size);
  if (size > 0 && parse(text, size - 1, kLimit).status == 400 && whole.status == 0) abort();
  return 0;
}
