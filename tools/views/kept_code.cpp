// SPDX-License-Identifier: MIT
#include "views/kept_code.h"

#include <algorithm>
#include <map>

#include "flame/code_name.h"
#include "views/code_places.h"

namespace heapmeter::cli {

std::vector<KeptCode> kept_code(const sites::Stacks &changes) {
  std::map<std::string, KeptCode> found;
  for (const sites::Stacks::Stack &stack : changes.stacks) {
    if (stack.frames.empty()) continue;
    const auto name = [&](std::size_t from_end) {
      return flame::code_name(changes.frames[stack.frames[stack.frames.size() - from_end]]);
    };
    const std::string code = stack.frames.size() > 1 ? name(1) + " < " + name(2) : name(1);
    KeptCode &kept = found[code];
    kept.code = code;
    if (kept.place.empty()) kept.place = code_place(changes, stack, 1, false);
    kept.bytes += static_cast<double>(static_cast<std::int64_t>(stack.values.live_bytes));
    kept.blocks += static_cast<double>(static_cast<std::int64_t>(stack.values.live_blocks));
  }
  std::vector<KeptCode> all;
  for (auto &[code, kept] : found) {
    if (kept.bytes != 0 || kept.blocks != 0) all.push_back(std::move(kept));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const KeptCode &a, const KeptCode &b) { return a.bytes > b.bytes; });
  return all;
}

}  // namespace heapmeter::cli
