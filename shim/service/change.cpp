// SPDX-License-Identifier: MIT
#include "service/change.h"

#include <string.h>

#include "base/quantity.h"

namespace heapmeter::change {
namespace {

constexpr const char *kHow =
    "sample=off|every|BYTES is asked for, and perhaps &for=SECONDS, but not off for so long";
// Longer is for good.
constexpr uint64_t kMostSeconds = 31'536'000;

struct Text {
  const char *at;
  size_t length;

  // What is behind it, in `rest`.
  bool starts_with(const char *start, Text &rest) const noexcept {
    const size_t bytes = strlen(start);
    if (length < bytes || memcmp(at, start, bytes) != 0) return false;
    rest = {at + bytes, length - bytes};
    return true;
  }
};

Text take_parameter(Text &query) noexcept {
  const auto *end = static_cast<const char *>(memchr(query.at, '&', query.length));
  const size_t length = end == nullptr ? query.length : static_cast<size_t>(end - query.at);
  const Text parameter{query.at, length};
  const size_t behind = end == nullptr ? length : length + 1;
  query = {query.at + behind, query.length - behind};
  return parameter;
}

}  // namespace

Verdict parse(const char *query, size_t length, attribution::Wish &wish) noexcept {
  bool sample = false, duration = false;
  uint64_t seconds = 0;
  for (Text rest{query, length}; rest.length > 0;) {
    Text value{};
    const Text parameter = take_parameter(rest);
    if (parameter.starts_with("sample=", value)) {
      if (sample || !quantity::parse(value.at, value.length, quantity::kSampleWords, wish.mean_bytes))
        return {400, kHow};
      sample = true;
    } else if (parameter.starts_with("for=", value)) {
      if (duration || !quantity::parse(value.at, value.length, quantity::kNoWords, seconds) ||
          seconds > kMostSeconds) {
        return {400, kHow};
      }
      duration = true;
    } else {
      return {400, kHow};
    }
  }
  wish.seconds = static_cast<uint32_t>(seconds);
  const bool off_for_a_while = wish.mean_bytes == quantity::kNoSamples && seconds != 0;
  return sample && !off_for_a_while ? Verdict{} : Verdict{400, kHow};
}

Verdict make(const char *query, size_t length) noexcept {
  attribution::Wish wish{};
  const Verdict verdict = parse(query, length, wish);
  if (verdict.status != 200) return verdict;
  const char *refusal = attribution::change(wish);
  return refusal == nullptr ? Verdict{} : Verdict{409, refusal};
}

}  // namespace heapmeter::change
