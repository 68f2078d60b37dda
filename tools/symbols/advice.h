// SPDX-License-Identifier: MIT
//
// What kept names from being found, gathered: a line a kind, not a line a file.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace heapmeter::cli::symbols {

enum class Hindrance { kNotRead, kNoElf, kOtherBuild, kDied, kSlow, kNoNames, kNoLines };

class Advice {
 public:
  // Of a module, by its path; `why` is shown behind its name.
  void add(Hindrance hindrance, const std::string &path, const std::string &why = "");
  void add_line(std::string line) { lines_.push_back(std::move(line)); }

  // `packages`: whether the files are those of this machine's packages.
  std::vector<std::string> lines(bool packages) const;

 private:
  struct File {
    std::string path, why;
  };
  std::map<Hindrance, std::vector<File>> files_;
  std::vector<std::string> lines_;
};

}  // namespace heapmeter::cli::symbols
