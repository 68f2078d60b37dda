// SPDX-License-Identifier: MIT
//
// SipHash-1-3: without the secret nobody can make a file that is taken for another; pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace heapmeter::cli::symbols {

class KeyedHash {
 public:
  using Secret = std::array<std::uint64_t, 2>;
  explicit KeyedHash(const Secret &secret);

  // In pieces whose lengths are multiples of 8, but for the last one.
  void add(std::string_view bytes);
  std::uint64_t value() const;

 private:
  void round();
  void take(std::uint64_t word);

  std::uint64_t a_, b_, c_, d_;
  std::uint64_t length_ = 0, rest_ = 0;
};

}  // namespace heapmeter::cli::symbols
