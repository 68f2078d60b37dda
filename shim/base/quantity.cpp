// SPDX-License-Identifier: MIT
#include "base/quantity.h"

#include <string.h>

namespace heapmeter::quantity {
namespace {

constexpr uint64_t kMost = uint64_t{1} << 60;

unsigned shift_of(char unit) noexcept {
  switch (unit) {
    case 'K':
      return 10;
    case 'M':
      return 20;
    case 'G':
      return 30;
    default:
      return 0;
  }
}

}  // namespace

bool parse(const char *text, size_t length, const Words &words, uint64_t &value) noexcept {
  for (size_t i = 0; i < Words::kMost; ++i) {
    const char *word = words.word[i];
    if (word == nullptr || strlen(word) != length || memcmp(word, text, length) != 0) continue;
    value = words.value[i];
    return true;
  }
  uint64_t number = 0;
  size_t at = 0;
  for (; at < length && text[at] >= '0' && text[at] <= '9'; ++at) {
    number = number * 10 + static_cast<unsigned>(text[at] - '0');
    if (number > kMost) return false;
  }
  const unsigned shift = at + 1 == length ? shift_of(text[at]) : 0;
  if (at == 0 || (at != length && shift == 0) || number == 0 || number > kMost >> shift) return false;
  value = number << shift;
  return true;
}

}  // namespace heapmeter::quantity
