// SPDX-License-Identifier: MIT
#include "client/page.h"

#include <fmt/format.h>
#include <boost/json/value.hpp>

#include "client/exchange.h"
#include "text/foreign_json.h"
#include "text/terminal.h"

namespace heapmeter::cli::page {

namespace json = boost::json;

namespace {

constexpr const char *kPage = "a page of the meter";

const json::value *find(const json::object &object, std::string_view name) {
  return object.if_contains({name.data(), name.size()});
}

}  // namespace

void refuse(const std::string &why, const char *what) {
  throw NoAnswer(Silence::kStrange, fmt::format("this is not {}: {}", what, why));
}

json::object parse(std::string_view answer, const char *what) {
  std::string why;
  auto value = parse_foreign(answer, why);
  if (!value) refuse(why, what);
  if (!value->is_object()) refuse("no object", what);
  return std::move(value->get_object());
}

std::uint64_t number(const json::object &object, std::string_view name, const char *what) {
  const json::value *value = find(object, name);
  if (value == nullptr) return 0;
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_int64() && value->get_int64() >= 0) return static_cast<std::uint64_t>(value->get_int64());
  refuse(fmt::format("'{}' is not a count", name), what);
}

std::string text(const json::object &object, std::string_view name, const char *what) {
  const json::value *value = find(object, name);
  if (value == nullptr) return "";
  if (!value->is_string()) refuse(fmt::format("'{}' is no name", name), what);
  if (value->get_string().size() > kLongestText)
    refuse(fmt::format("'{}' is too long for a name", name), what);
  return printable({value->get_string().data(), value->get_string().size()});
}

std::string long_text(const json::object &object, std::string_view name, const char *what) {
  const json::value *value = find(object, name);
  if (value == nullptr) return "";
  if (!value->is_string()) refuse(fmt::format("'{}' is no text", name), what);
  if (value->get_string().size() > kLongestLongText) refuse(fmt::format("'{}' is too long", name), what);
  return std::string(value->get_string());
}

const json::array *array(const json::object &object, std::string_view name) {
  const json::value *value = find(object, name);
  if (value == nullptr || value->is_null()) return nullptr;
  if (!value->is_array()) refuse(fmt::format("'{}' is no list", name), kPage);
  return &value->get_array();
}

const json::object *object(const json::object &object, std::string_view name) {
  const json::value *value = find(object, name);
  if (value == nullptr || value->is_null()) return nullptr;
  if (!value->is_object()) refuse(fmt::format("'{}' is no object", name), kPage);
  return &value->get_object();
}

const json::object &element(const json::value &value, const char *what) {
  if (!value.is_object()) refuse("an element is not an object", what);
  return value.get_object();
}

}  // namespace heapmeter::cli::page
