// SPDX-License-Identifier: MIT
#include "flame/code_name.h"

#include "flame/label.h"
#include "symbols/function_name.h"

namespace heapmeter::cli::flame {

std::string code_name(const symbols::Frame &frame) { return brief_name(code_name_with_arguments(frame)); }

std::string code_name_with_arguments(const symbols::Frame &frame) {
  const std::string full = full_name(frame);
  // What a runtime told of its code is no declaration.
  if (frame.module.empty()) return full;
  const std::string_view bare = symbols::qualified_name(full);
  return std::string(bare.empty() ? full : bare);
}

}  // namespace heapmeter::cli::flame
