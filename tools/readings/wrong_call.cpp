// SPDX-License-Identifier: MIT
#include "readings/wrong_call.h"

#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace heapmeter::cli {
namespace {

constexpr const char *kMade = "made_at", *kCalled = "called_at";

boost::json::object *told(boost::json::object &fields, std::size_t fault) {
  boost::json::value *list = fields.if_contains("faults");
  boost::json::array *all = list == nullptr ? nullptr : list->if_array();
  return all == nullptr || fault >= all->size() ? nullptr : (*all)[fault].if_object();
}

}  // namespace

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

std::vector<std::string> wrong_places(const Reading &reading, std::size_t fault) {
  std::vector<std::string> places;
  const boost::json::object *from = told(const_cast<boost::json::object &>(reading.fields), fault);
  for (const auto &[name, what] : {std::pair(kMade, "made at "), std::pair(kCalled, "called at ")}) {
    const boost::json::value *place = from == nullptr ? nullptr : from->if_contains(name);
    if (place != nullptr && place->is_string()) places.push_back(what + std::string(place->get_string()));
  }
  return places;
}

void add_wrong_places(Reading &reading, std::size_t fault, const std::string &made,
                      const std::string &called) {
  boost::json::object *to = told(reading.fields, fault);
  if (to == nullptr) return;
  if (!made.empty()) (*to)[kMade] = made;
  if (!called.empty()) (*to)[kCalled] = called;
}

}  // namespace heapmeter::cli
