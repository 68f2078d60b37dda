// SPDX-License-Identifier: MIT
#include "top/code.h"

#include <algorithm>

#include "flame/code_name.h"

namespace heapmeter::cli::tui {
void Code::take(const sites::Profile &first, const sites::Stacks &first_stacks, const sites::Profile &now,
                const sites::Stacks &stacks) {
  const sites::Comparison found = sites::compare(first, first_stacks, now, stacks);
  rows.clear();
  for (std::size_t at = 0; at < found.stacks.stacks.size(); ++at) {
    const sites::Stacks::Stack &stack = found.stacks.stacks[at];
    sites::Values live = found.before[at];
    live += stack.values;
    if (live.live_blocks == 0 && stack.values.live_bytes == 0) continue;
    const auto &frames = stack.frames;
    rows.push_back({flame::code_name(found.stacks.frames[frames.back()]),
                    frames.size() > 1 ? flame::code_name(found.stacks.frames[frames[frames.size() - 2]]) : "",
                    live.live_bytes, live.live_blocks, static_cast<std::int64_t>(stack.values.live_bytes)});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const CodeRow &a, const CodeRow &b) { return a.live_bytes > b.live_bytes; });
  estimated = now.mode == sites::Mode::kSampled;
  before_bytes = now.before.live_bytes;
  state = State::kKnown;
}

}  // namespace heapmeter::cli::tui
