// SPDX-License-Identifier: MIT
//
// What each path answers: JSON, and OpenMetrics for /metrics. For one thread at a time, the service's.
#pragma once

#include "base/text_buffer.h"

namespace heapmeter::pages {

using Writer = void (*)(TextBuffer &);

struct Page {
  const char *path;
  const char *content_type;
  Writer write;
  size_t (*room)() noexcept = nullptr;  // what it may take, where that may be more than others do
};

// nullptr when there is no such page.
const Page *find(const char *path, size_t length) noexcept;

}  // namespace heapmeter::pages
