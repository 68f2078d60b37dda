// SPDX-License-Identifier: MIT
#include "support/meter_text.h"

#include <fmt/core.h>

namespace demo {
namespace {

std::string counted(std::uint64_t count, const char *noun) {
  return fmt::format("{} {}{}", with_commas(count), noun, count == 1 ? "" : "s");
}

}  // namespace

std::string spent_text(const std::optional<heapmeter::ThreadCounters> &spent) {
  if (!spent) return "not metered";
  if (spent->allocations == 0 && spent->reallocations == 0) return "nothing";
  std::string text = counted(spent->allocations, "allocation");
  if (spent->reallocations != 0) text += ", " + counted(spent->reallocations, "reallocation");
  return text + ", " + counted(spent->allocated_bytes, "byte");
}

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, 1, ',');
  return digits;
}

}  // namespace demo
