// SPDX-License-Identifier: MIT
//
// Behind instead_of_atomics.h: what the books read and write whole, as a weak memory has it.
#pragma once

#include <type_traits>

namespace heapmeter {
template <typename T>
T load_whole(const T &note) noexcept {
  return __atomic_load_n(&note, __ATOMIC_RELAXED);
}
template <typename T>
void store_whole(T &note, std::type_identity_t<T> value) noexcept {
  __atomic_store_n(&note, value, __ATOMIC_RELAXED);
}
}  // namespace heapmeter
