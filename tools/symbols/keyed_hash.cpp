// SPDX-License-Identifier: MIT
#include "symbols/keyed_hash.h"

#include <bit>

#include <string.h>

namespace heapmeter::cli::symbols {

KeyedHash::KeyedHash(const Secret &secret)
    : a_(secret[0] ^ 0x736f6d6570736575),
      b_(secret[1] ^ 0x646f72616e646f6d),
      c_(secret[0] ^ 0x6c7967656e657261),
      d_(secret[1] ^ 0x7465646279746573) {}

void KeyedHash::round() {
  a_ += b_;
  c_ += d_;
  b_ = std::rotl(b_, 13) ^ a_;
  d_ = std::rotl(d_, 16) ^ c_;
  a_ = std::rotl(a_, 32);
  a_ += d_;
  c_ += b_;
  d_ = std::rotl(d_, 21) ^ a_;
  b_ = std::rotl(b_, 17) ^ c_;
  c_ = std::rotl(c_, 32);
}

void KeyedHash::take(std::uint64_t word) {
  d_ ^= word;
  round();
  a_ ^= word;
}

void KeyedHash::add(std::string_view bytes) {
  length_ += bytes.size();
  std::uint64_t word = 0;
  for (; bytes.size() >= sizeof word; bytes.remove_prefix(sizeof word)) {
    memcpy(&word, bytes.data(), sizeof word);
    take(word);
  }
  if (!bytes.empty()) memcpy(&rest_, bytes.data(), bytes.size());
}

std::uint64_t KeyedHash::value() const {
  KeyedHash end = *this;
  end.take(rest_ | length_ << 56);
  end.c_ ^= 0xff;
  for (int each = 0; each < 3; ++each) end.round();
  return end.a_ ^ end.b_ ^ end.c_ ^ end.d_;
}

}  // namespace heapmeter::cli::symbols
