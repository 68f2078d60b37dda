// SPDX-License-Identifier: MIT
//
// What a reader may change: how allocations are told apart, by the query of his request.
#pragma once

#include <stddef.h>

#include "tracking/attribution.h"

namespace heapmeter::change {

struct Verdict {
  int status = 200;
  const char *error = "";
};

// Pure: sample=off|every|BYTES, and perhaps for=SECONDS, with & between, each once.
Verdict parse(const char *query, size_t length, attribution::Wish &wish) noexcept;
Verdict make(const char *query, size_t length) noexcept;

}  // namespace heapmeter::change
