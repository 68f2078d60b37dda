// SPDX-License-Identifier: MIT
#include "readings/wrong_call.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace heapmeter::cli {

std::string call_text(const std::string &kind) {
  static constexpr std::pair<std::string_view, const char *> kCalls[] = {
      {"new_array", "new[]"},
      {"new_aligned", "aligned new"},
      {"new_array_aligned", "aligned new[]"},
      {"delete_array", "delete[]"},
      {"delete_sized", "sized delete"},
      {"delete_array_sized", "sized delete[]"}};
  for (const auto &[name, call] : kCalls) {
    if (name == kind) return call;
  }
  return kind;
}

std::string wrong_call_text(const Fault &fault) {
  const std::string made = call_text(fault.allocated_by), released = call_text(fault.released_by);
  if (fault.fault == "mismatch") return fmt::format("{} released by {}", made, released);
  if (fault.fault == "size_mismatch")
    return fmt::format("{} released by {} with another size", made, released);
  if (fault.fault == "double_free") return fmt::format("released again by {}", released);
  if (fault.fault == "foreign_free") return fmt::format("never made, given to {}", released);
  if (fault.fault == "inner_free") return fmt::format("not a block's start, given to {}", released);
  return fmt::format("{}: {}, {}", fault.fault, made, released);
}

}  // namespace heapmeter::cli
