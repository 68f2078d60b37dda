// SPDX-License-Identifier: MIT
//
// Rows of figures with the code they are of, and below it who called that; pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "sites/stacks.h"
#include "views/site_view.h"

namespace heapmeter::cli {

class SiteRows {
 public:
  // The titles of the figures; how many callers; the references must outlive it.
  SiteRows(const sites::Stacks &stacks, std::vector<std::string> titles, std::int64_t depth,
           const Look &look);

  void add(std::vector<std::string> figures, const sites::Stacks::Stack &stack);
  // Of no one stack.
  void add(std::vector<std::string> figures, const std::string &words);
  bool empty() const { return rows_.empty(); }
  std::string drawn();

 private:
  struct Row {
    std::vector<std::string> figures;
    const sites::Stacks::Stack *stack;  // or none, and
    std::string words;
  };
  static constexpr std::size_t kNone = SIZE_MAX;  // of callers

  const symbols::Frame &caller(const sites::Stacks::Stack &stack, std::size_t number) const;
  std::size_t alike(const sites::Stacks::Stack &stack, std::size_t first) const;
  // Of this frame, as it is shown here.
  std::string text_of(const symbols::Frame &frame, int width, bool said = false) const;
  void find_alike();
  std::vector<std::size_t> nearest(const sites::Stacks::Stack &stack) const;
  std::string looks(const sites::Stacks::Stack &stack) const;
  std::size_t parting(const sites::Stacks::Stack &stack,
                      const std::vector<const sites::Stacks::Stack *> &alike) const;
  std::vector<std::string> callers(const sites::Stacks::Stack &stack, std::size_t apart, int width) const;

  const sites::Stacks &stacks_;
  const std::vector<std::string> titles_;
  const std::int64_t depth_;
  const Look &look_;
  std::vector<Row> rows_;
  std::set<std::string> alike_;  // names in brief that several functions of the rows have
};

}  // namespace heapmeter::cli
