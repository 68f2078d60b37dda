// SPDX-License-Identifier: MIT
#include "readings/last_look.h"

#include "client/page.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr const char *kWhat = "a reading";
constexpr double kLongest = 1e6;

double seconds(const json::object &from, const char *name) {
  const json::value *value = from.if_contains(name);
  const double time = value != nullptr && value->is_number() ? value->to_number<double>() : 0;
  return time >= 0 && time < kLongest ? time : 0;
}

}  // namespace

std::optional<LastLook> last_look(const Reading &reading) {
  const json::value *value = reading.fields.if_contains("last_look");
  if (value == nullptr || !value->is_object()) return std::nullopt;
  const json::object &from = value->get_object();
  const auto number = [&](const char *name) { return page::number(from, name, kWhat); };
  return LastLook{number("monotonic_ns"),
                  number("lost_blocks"),
                  number("lost_bytes"),
                  number("perhaps_in_registers_blocks"),
                  number("perhaps_in_registers_bytes"),
                  seconds(from, "seconds"),
                  seconds(from, "pause_seconds")};
}

}  // namespace heapmeter::cli
