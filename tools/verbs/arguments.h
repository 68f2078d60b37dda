// SPDX-License-Identifier: MIT
//
// A verb's command line: the same help layout, words and errors for all of them. CLI11 reads it, out of sight
// of the verbs, which its header would cost seconds each to compile.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "verbs/command.h"
#include "verbs/mistake.h"

namespace CLI {
class App;
}

namespace heapmeter::cli {

// What the options and words of it are given to must outlive parse(), and keeps its value where nothing is
// given.
class Parser {
 public:
  Parser(const std::string &verb, const std::string &usage, const std::string &description,
         const std::string &example);
  ~Parser();

  // "--bytes", "-c,--count": names as they are given.
  void flag(const std::string &names, bool &given, const std::string &help);
  // VALUE is what the help calls it: "SECONDS". Only `choices` are taken, when there are any.
  void option(const std::string &names, std::string &value, const std::string &type, const std::string &help,
              const std::vector<std::string> &choices = {});
  // "--tree" or "--tree=callees": the first says the same as "--tree=" with `without`.
  void optional_value(const std::string &name, std::string &value, const std::string &type,
                      const std::string &without, const std::string &help,
                      const std::vector<std::string> &choices = {});
  void option(const std::string &names, double &value, const std::string &type, const std::string &help);
  void option(const std::string &names, std::int64_t &value, const std::string &type,
              const std::string &help);
  // May be given again and again.
  void option(const std::string &names, std::vector<std::string> &values, const std::string &type,
              const std::string &help);
  // What has no name, in the order of the calls.
  void word(const std::string &name, std::string &value, const std::string &help);
  void optional_word(const std::string &name, std::string &value, const std::string &help);
  void words(const std::string &name, std::vector<std::string> &values, const std::string &help);

  // Those that most verbs have.
  void target(std::string &value) { word("TARGET", value, "a pid, a name, or the path of a socket"); }
  void json(bool &given, const std::string &what) { flag("--json", given, what + " (see tools/FORMATS.md)"); }
  void bytes(bool &given) { flag("--bytes", given, "exact integers instead of human units"); }

  // False when help was asked for, and printed. Throws UserError with kUsage.
  bool parse(const Arguments &arguments);
  bool given(const std::string &name) const;

  // Options for the verb, and from the first word that is neither an option nor an option's value (or after
  // "--") the command of another program, whose own options are not ours to read.
  struct Split {
    Arguments options;
    Arguments command;
  };
  Split split(const Arguments &arguments) const;

 private:
  std::unique_ptr<CLI::App> app_;
  ValueKinds kinds_;
  std::map<std::string, std::string> without_value_;
};

// While it lives, parse() hands the parser to it and says false: how a verb is asked what it understands
// without doing anything.
class ParserVisit {
 public:
  using Visitor = std::function<void(const CLI::App &parser, const std::string &usage)>;
  explicit ParserVisit(Visitor visitor);
  ~ParserVisit();
  ParserVisit(const ParserVisit &) = delete;
  ParserVisit &operator=(const ParserVisit &) = delete;
};

}  // namespace heapmeter::cli
