// SPDX-License-Identifier: MIT
//
// The counters as OpenMetrics text: the same list as the JSON, heapmeter_ before each name.
#pragma once

#include "base/text_buffer.h"

namespace heapmeter::metrics {

void write(TextBuffer &out) noexcept;

}  // namespace heapmeter::metrics
