// SPDX-License-Identifier: MIT
#include "sites/poisson.h"

namespace heapmeter::sites::poisson {
namespace {

__extension__ using Wide = unsigned __int128;

// Of a number of size / mean: so many bits behind the point, so many before it; beyond, the chance is 1.
constexpr int kBehind = 60, kBefore = 6;

constexpr double power(double base, int exponent) {
  double out = 1;
  for (; exponent > 0; --exponent) out *= base;
  for (; exponent < 0; ++exponent) out /= base;
  return out;
}

// exp(-x) by its series, once the compiler has halved x often enough.
constexpr double inverse_exp(double x) {
  int squares = 0;
  for (; x > 0.01; x /= 2) ++squares;
  double sum = 1, term = 1;
  for (int n = 1; n < 12; ++n) sum += term *= -x / n;
  for (; squares > 0; --squares) sum *= sum;
  return sum;
}

// exp(-2^(i - kBehind)) for each bit of size / mean, in 2^-64ths: less than 1 all of them. Close to 1 a
// double has not the digits: there 1 - x + x^2 / 2 has.
struct Factors {
  uint64_t of_bit[kBehind + kBefore];
};
constexpr Factors make_factors() {
  Factors factors{};
  for (int i = 0; i < kBehind + kBefore; ++i) {
    const int exponent = i - kBehind;
    if (exponent < -20) {
      const uint64_t x = uint64_t{1} << (64 + exponent);
      factors.of_bit[i] = ~uint64_t{0} - x + 1 + static_cast<uint64_t>(Wide{x} * x >> 65);
    } else {
      factors.of_bit[i] = static_cast<uint64_t>(inverse_exp(power(2, exponent)) * power(2, 64));
    }
  }
  return factors;
}
constexpr Factors kFactors = make_factors();

uint64_t times(uint64_t a, uint64_t b) noexcept { return static_cast<uint64_t>(Wide{a} * b >> 64); }

// log2 in 2^-32ths: of the bits behind the point, each squaring says one.
uint64_t log2(uint64_t number) noexcept {
  const int zeros = __builtin_clzll(number);
  uint64_t mantissa = number << zeros, out = static_cast<uint64_t>(63 - zeros);
  for (int bit = 0; bit < 32; ++bit) {
    const Wide square = Wide{mantissa} * mantissa;
    const bool two = square >> 127 != 0;
    mantissa = static_cast<uint64_t>(two ? square >> 64 : square >> 63);
    out = out << 1 | two;
  }
  return out;
}

// Steele, Lea and Flood: SplitMix64.
uint64_t next(uint64_t &random) noexcept {
  uint64_t z = random += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

}  // namespace

uint64_t draw(uint64_t mean, uint64_t &random) noexcept {
  constexpr uint64_t kLn2 = 0xB17217F8;  // in 2^-32ths
  const uint64_t number = next(random) | 1;
  const Wide nats = Wide{(uint64_t{64} << 32) - log2(number)} * kLn2 >> 32;
  return static_cast<uint64_t>(nats * mean >> 32);
}

uint64_t chance(uint64_t size, uint64_t mean) noexcept {
  if (size / mean >> kBefore != 0) return ~uint64_t{0};
  uint64_t missed = ~uint64_t{0};
  const Wide ratio = (Wide{size} << kBehind) / mean;
  for (int bit = 0; bit < kBehind + kBefore; ++bit) {
    if ((ratio >> bit & 1u) != 0) missed = times(missed, kFactors.of_bit[bit]);
  }
  return ~missed;
}

uint64_t weight(uint64_t size, uint64_t mean) noexcept {
  const uint64_t p = chance(size, mean);
  if (p == 0) return 0;
  const Wide inverse = (Wide{1} << (64 + kWeightBits)) / p;
  return inverse >> 64 != 0 ? ~uint64_t{0} : static_cast<uint64_t>(inverse);
}

}  // namespace heapmeter::sites::poisson
