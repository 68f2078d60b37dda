// SPDX-License-Identifier: MIT
//
// The numbers that a JSON object of ours says, by the names of its fields: of a run (a tree's are sums), of a
// report, or of a mark.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

namespace heapmeter::cli::conditions {

struct Figure {
  std::optional<double> value;
  std::string why;  // there is none
};

class Figures {
 public:
  void set(std::string_view name, double value) { known_[std::string(name)] = {value, ""}; }
  void miss(std::string_view name, const std::string &why) { known_[std::string(name)] = {{}, why}; }
  // Of what is not there at all it says so.
  Figure of(std::string_view name) const;

 private:
  std::map<std::string, Figure, std::less<>> known_;
};

// What a condition may name: of a reading, a mark or a report; of a run; of a load.
std::vector<std::string> names_of_reading();
std::vector<std::string> names_of_run();
std::vector<std::string> names_of_load();
// Of these: whether it is asked of a look.
bool is_of_look(std::string_view name);

// `object` is the JSON of run, during, a report or a mark.
Figures figures_in(const boost::json::object &object);
// The same of a file's text. Throws UserError (kUsage); `where` says whose text it is.
Figures figures_in_text(std::string_view text, const std::string &where);

}  // namespace heapmeter::cli::conditions
