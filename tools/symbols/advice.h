// SPDX-License-Identifier: MIT
//
// What kept names from being found, gathered: a line a kind, not a line a file.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "symbols/package.h"

namespace heapmeter::cli::symbols {

enum class Hindrance { kNotRead, kNoElf, kOtherBuild, kDied, kSlow, kNoNames, kNoLines };

class Advice {
 public:
  // Of a module, by its path; `why` is shown behind its name.
  void add(Hindrance hindrance, const std::string &path, const std::string &why = "");
  void add_line(std::string line) { lines_.push_back(std::move(line)); }

  // `packages`: whether the files are those of this machine, whose packages have lists there.
  std::vector<std::string> lines(bool packages, const std::string &lists = kPackageLists) const;

 private:
  struct File {
    std::string path, why;
  };
  static std::string name_of(const File &file);
  void add_stripped(const std::vector<File> &files, const std::string &lists,
                    std::vector<std::string> &all) const;
  std::map<Hindrance, std::vector<File>> files_;
  std::vector<std::string> lines_;
};

}  // namespace heapmeter::cli::symbols
