// SPDX-License-Identifier: MIT
#include "record/recording.h"

#include <fmt/format.h>

#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli::record {

bool is_recording(std::string_view beginning, const std::string &where) {
  if (beginning.starts_with(kSignature)) return true;
  if (!beginning.starts_with(kBegins)) return false;
  const std::string_view rest = beginning.substr(kBegins.size(), 16);
  const std::string layout(rest.substr(0, rest.find('\n')));
  throw UserError(
      fmt::format("{} is a recording of layout {}, which heapmeter " HEAPMETER_VERSION
                  " does not understand (it reads 1); use a heapmeter of the version that made it",
                  where, printable(layout)));
}

std::optional<Frame> Recording::next() {
  // What follows a frame that makes no sense says changes to it: nothing until the next segment counts.
  bool lost = false;
  while (const auto payload = frames_.next()) {
    if (lost && !payload->starts_with(kSegmentMark)) {
      senseless_ += kFrameHead + payload->size();
      continue;
    }
    try {
      return decoder_.frame(*payload);
    } catch (const Damaged &) {
      lost = true;
      senseless_ += kFrameHead + payload->size();
    }
  }
  return std::nullopt;
}

}  // namespace heapmeter::cli::record
