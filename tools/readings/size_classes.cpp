// SPDX-License-Identifier: MIT
#include "readings/size_classes.h"

#include <heapmeter/protocol.h>
#include <boost/json/value.hpp>

#include "client/page.h"

namespace heapmeter::cli {

namespace {
constexpr const char *kWhat = "a list of size classes";
}

std::vector<SizeClass> parse_size_classes(std::string_view answer) {
  return size_classes_of(page::parse(answer, kWhat));
}

std::vector<SizeClass> size_classes_of(const boost::json::object &all) {
  const boost::json::array *classes = page::array(all, "classes");
  if (classes == nullptr) page::refuse("'classes' is missing", kWhat);
  std::vector<SizeClass> found;
  for (const boost::json::value &each : *classes) {
    const boost::json::object &fields = page::element(each, kWhat);
    const auto number = [&](const char *name) { return page::number(fields, name, kWhat); };
    const auto known = [&](const char *name) {
      return fields.contains(name) ? std::optional(number(name)) : std::nullopt;
    };
    found.push_back({number("class_bytes"), number("live_blocks"), number("live_bytes"),
                     known("usable_bytes"), number("allocations"), number("frees"), known("least_bytes")});
  }
  return found;
}

std::vector<SizeClass> take_size_classes(const Endpoint &endpoint, Deadline deadline) {
  return parse_size_classes(get(endpoint, HEAPMETER_PATH_SIZES, deadline));
}

}  // namespace heapmeter::cli
