// SPDX-License-Identifier: MIT
//
// Rules as LeakSanitizer and valgrind have them:
//
//   # a comment                         {
//   leak:pattern                           a name
//                                          Memcheck:Leak
//                                          match-leak-kinds: definite,indirect
//                                          fun:malloc
//                                          ...
//                                          obj:*/libfoo.so*
//                                       }
//
// Both may stand in one file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace heapmeter::cli::suppressions {

struct Pattern {
  enum Kind {
    kAnywhere,   // of any frame: function, file or module
    kAnyFrames,  // none, or several
    kFunction,
    kObject,
    kSource,
  };
  Kind kind;
  std::string text;
};

struct Rule {
  std::string name;   // valgrind's, or the pattern
  std::string where;  // "FILE:LINE"
  std::string why;    // of those built in
  bool definite = true, indirect = true;
  std::vector<Pattern> patterns;  // innermost first; kAnywhere stands alone
};

// Rules on other errors than leaks are left out. Throws UserError (kUsage) with file, line and what is right.
std::vector<Rule> parse_rules(std::string_view text, const std::string &file);

}  // namespace heapmeter::cli::suppressions
