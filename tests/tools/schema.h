// SPDX-License-Identifier: MIT
//
// The schema of tools/FORMATS.md, read from its tables, and what is wrong with a JSON value by it.
//
// A type is "integer", "number", "text", "boolean", "counts", "numbers" or the heading of a table; "array of
// TYPE"; and alternatives, of which null is one: "TYPE or TYPE".
#pragma once

#include <boost/json/value.hpp>

#include <map>
#include <string>
#include <vector>

namespace heapmeter::testing {

class Schema {
 public:
  explicit Schema(const std::string &markdown);

  bool has(const std::string &heading) const { return tables_.contains(heading); }
  // A sentence for every field that is missing, of another type or not documented; none of a good value.
  std::vector<std::string> faults(const boost::json::value &value, const std::string &type) const;

 private:
  struct Field {
    std::string type;
    bool optional = false;
  };
  using Table = std::map<std::string, Field>;

  // What is below each heading, before "all of HEADING" is followed.
  struct Section {
    Table fields;
    std::vector<std::string> all_of;
  };
  static std::map<std::string, Section> read(const std::string &markdown);
  static Table flat(const std::map<std::string, Section> &sections, const std::string &heading);

  std::vector<std::string> object_faults(const boost::json::object &object, const Table &table) const;

  std::map<std::string, Table> tables_;
};

}  // namespace heapmeter::testing
