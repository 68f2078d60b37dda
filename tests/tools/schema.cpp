// SPDX-License-Identifier: MIT
#include "tools/schema.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <regex>
#include <sstream>
#include <stdexcept>

namespace heapmeter::testing {
namespace {

namespace json = boost::json;
using Faults = std::vector<std::string>;

bool is_integer(const json::value &value) { return value.is_int64() || value.is_uint64(); }

Faults only_if(bool good, const json::value &value, const std::string &type) {
  if (good) return {};
  return {json::serialize(value).substr(0, 60) + " is no " + type};
}

Faults below(const std::string &place, const Faults &faults) {
  Faults all;
  for (const std::string &fault : faults) all.push_back(place + ": " + fault);
  return all;
}

}  // namespace

Schema::Schema(const std::string &markdown) {
  const auto sections = read(markdown);
  for (const auto &[heading, section] : sections) tables_[heading] = flat(sections, heading);
}

std::map<std::string, Schema::Section> Schema::read(const std::string &markdown) {
  std::map<std::string, Section> sections;
  const std::regex row(R"(\| ([^|]+) \| ([^|]*) ?\|.*\|)"), name("`([^`]+)`"), all(R"(all of ([^|`]+))");
  std::istringstream lines(markdown);
  std::string heading;
  for (std::string line; std::getline(lines, line);) {
    std::smatch cells, inner;
    if (line.starts_with("#")) heading = line.starts_with("### ") ? line.substr(4) : "";
    if (heading.empty() || !std::regex_match(line, cells, row)) continue;
    Section &section = sections[heading];
    const std::string names = cells[1];
    std::string type = cells[2];
    while (type.ends_with(' ')) type.pop_back();
    if (std::regex_match(names, inner, all)) section.all_of.push_back(inner[1]);
    const std::size_t comma = type.find(", optional");
    for (std::sregex_iterator at(names.begin(), names.end(), name), end; at != end; ++at)
      section.fields[(*at)[1]] = {type.substr(0, comma), comma != std::string::npos};
  }
  return sections;
}

Schema::Table Schema::flat(const std::map<std::string, Section> &sections, const std::string &heading) {
  Table table = sections.at(heading).fields;
  for (const std::string &other : sections.at(heading).all_of) {
    if (!sections.contains(other))
      throw std::runtime_error(heading + " has all of " + other + ", which is not there");
    table.merge(flat(sections, other));
  }
  return table;
}

Faults Schema::faults(const json::value &value, const std::string &type) const {
  constexpr std::string_view kArray = "array of ", kOrNull = " or null";
  if (type.ends_with(kOrNull) && value.is_null()) return {};
  if (type.starts_with(kArray) && type.ends_with(kOrNull))
    return faults(value, type.substr(0, type.size() - kOrNull.size()));
  if (type.starts_with(kArray)) {
    if (!value.is_array()) return only_if(false, value, type);
    Faults all;
    for (const json::value &each : value.get_array()) {
      const Faults found = below("element", faults(each, type.substr(kArray.size())));
      all.insert(all.end(), found.begin(), found.end());
    }
    return all;
  }
  if (const std::size_t at = type.find(" or "); at != std::string::npos) {
    const Faults first = faults(value, type.substr(0, at));
    return first.empty() || faults(value, type.substr(at + 4)).empty() ? Faults{} : first;
  }
  if (type == "integer") return only_if(is_integer(value), value, type);
  if (type == "number") return only_if(value.is_number(), value, type);
  if (type == "text") return only_if(value.is_string(), value, type);
  if (type == "boolean") return only_if(value.is_bool(), value, type);
  if (type == "null") return only_if(value.is_null(), value, type);
  if (!value.is_object()) return only_if(false, value, type);
  if (type == "counts" || type == "numbers") {
    Faults all;
    for (const auto &entry : value.get_object()) {
      const Faults found = below(entry.key(), faults(entry.value(), type == "counts" ? "integer" : "number"));
      all.insert(all.end(), found.begin(), found.end());
    }
    return all;
  }
  if (!has(type)) return {"'" + type + "' is no type, and no heading of the schema"};
  return below(type, object_faults(value.get_object(), tables_.at(type)));
}

Faults Schema::object_faults(const json::object &object, const Table &table) const {
  Faults all;
  for (const auto &[name, field] : table) {
    if (!object.contains(name)) {
      if (!field.optional) all.push_back(name + " is missing");
      continue;
    }
    const Faults found = below(name, faults(object.at(name), field.type));
    all.insert(all.end(), found.begin(), found.end());
  }
  for (const auto &entry : object) {
    if (!table.contains(entry.key())) all.push_back(std::string(entry.key()) + " is not documented");
  }
  return all;
}

}  // namespace heapmeter::testing
