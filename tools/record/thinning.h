// SPDX-License-Identifier: MIT
//
// A recording that has become too long: what is old is kept at longer intervals. Of a reading that goes, the
// next one keeps the highest live bytes; first and last ones of a process stay, and those near a limit, as
// long as there is room.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "record/frame.h"

namespace heapmeter::cli::record {

// Says so, where what was written could not be.
using Sink = std::function<bool(std::string_view payload)>;

// At most so many bytes of what `source` has, in the same order, in frames of their own. False when the sink
// had enough. Reads several times.
bool thin(const Source &source, std::uint64_t most_bytes, const Sink &sink);

}  // namespace heapmeter::cli::record
