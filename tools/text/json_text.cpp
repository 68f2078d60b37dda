// SPDX-License-Identifier: MIT
#include "text/json_text.h"

#include <cmath>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "text/utf8.h"

namespace heapmeter::cli {

namespace {

// JSON itself demands it of those below a blank only; but people print it.
std::string in_quotes(std::string_view raw) {
  std::string text;
  const std::string escaped = boost::json::serialize(boost::json::string(as_utf8(raw)));
  for (std::string_view rest = escaped; !rest.empty();) {
    const Utf8Letter letter = first_letter(rest);
    steers(letter.code) ? text += fmt::format("\\u{:04x}", static_cast<unsigned>(letter.code))
                        : text += rest.substr(0, letter.bytes);
    rest.remove_prefix(letter.bytes);
  }
  return text;
}

}  // namespace

std::string json_text(const boost::json::value &value) {
  std::string text;
  if (value.is_object()) {
    for (const auto &entry : value.get_object()) {
      text += (text.empty() ? "{" : ",") + in_quotes(entry.key()) + ":" + json_text(entry.value());
    }
    return text.empty() ? "{}" : text + "}";
  }
  if (value.is_array()) {
    for (const auto &entry : value.get_array()) text += (text.empty() ? "[" : ",") + json_text(entry);
    return text.empty() ? "[]" : text + "]";
  }
  if (value.is_string()) return in_quotes(value.get_string());
  if (!value.is_double()) return boost::json::serialize(value);
  // Which JSON has no word for: sums of what somebody wrote may be no number any more.
  return std::isfinite(value.get_double()) ? fmt::format("{}", value.get_double()) : "null";
}

boost::json::value or_null(const std::optional<std::uint64_t> &number) {
  return number ? boost::json::value(*number) : boost::json::value(nullptr);
}

}  // namespace heapmeter::cli
