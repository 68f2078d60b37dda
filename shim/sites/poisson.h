// SPDX-License-Identifier: MIT
//
// Sampling by bytes: a sample falls on each byte with the same small chance, so that a block of `size` bytes
// is sampled with the chance p = 1 - exp(-size / mean), and stands for 1 / p blocks of its kind.
//
// In whole numbers only: a program may have made floating point trap on inexact results, and the next sample
// is drawn within its calls.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace heapmeter::sites::poisson {

// How many bytes lie before the next sample, from a number that any other follows.
uint64_t draw(uint64_t mean, uint64_t &random) noexcept;

// 1 / p in 65,536ths.
inline constexpr unsigned kWeightBits = 16;
uint64_t weight(uint64_t size, uint64_t mean) noexcept;

// p in 2^-64ths, less than 1.
uint64_t chance(uint64_t size, uint64_t mean) noexcept;

}  // namespace heapmeter::sites::poisson
