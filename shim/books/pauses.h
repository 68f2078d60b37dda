// SPDX-License-Identifier: MIT
//
// What comes between two accesses to what threads share: nothing, but in tests that choose the order.
#pragma once

namespace heapmeter {

struct NoPauses {
  static void pause() noexcept {}
};

}  // namespace heapmeter
