// SPDX-License-Identifier: MIT
//
// What a page tells of each site, gathered once: of all there were at the time, or of the largest, with what
// leads to those.
#pragma once

#include "sites/sites.h"

namespace heapmeter::pages {

// Blocks in the units of poisson.h.
uint64_t rounded(uint64_t in_weights) noexcept;

class SiteFigures {
 public:
  struct Site {
    uint32_t leaf;  // 0: none, or not told of
    sites::Sum sum;
    sites::Sites::Estimate estimate;
  };

  SiteFigures() noexcept;
  ~SiteFigures() noexcept;
  SiteFigures(const SiteFigures &) = delete;
  SiteFigures &operator=(const SiteFigures &) = delete;

  // So many of those that hold most, and of those that held most at the peak; the rest is other(). False
  // where there is no memory to choose.
  bool keep_largest(size_t most) noexcept;

  // Whether there was memory to gather any.
  bool any() const noexcept { return count_ != 0; }
  const Site *begin() const noexcept { return start_ + (count_ == 0 ? 0 : sites::Table::kFirst); }
  const Site *end() const noexcept { return start_ + count_; }
  sites::Sum other() const noexcept { return other_; }
  // Of the process, at the highest since attribution began.
  uint64_t peak_bytes() const noexcept { return peak_.bytes; }
  // When that was, in thousandths of a second since 1970; 0: not known.
  uint64_t peak_thousandths() const noexcept;
  // How far what the sites held then, all together, may be off it.
  uint64_t peak_error_bytes() const noexcept;

  // The leaf of a site by its number; 0 where it is no site.
  static uint32_t leaf_of(uint32_t site) noexcept {
    return site < sites::Table::kFirst || site >= sites::the_sites.table().sites()
               ? 0
               : sites::the_sites.table().leaf(site);
  }
  // A node's number on the page, from 1 on; 0: it is not there.
  uint32_t of_node(uint32_t node) const noexcept {
    if (nodes_ == nullptr) return node;
    return node < nodes_bytes_ / sizeof *nodes_ ? nodes_[node] : 0;
  }

 private:
  using Key = uint64_t sites::Sum::*;

  // The smallest of so many of the largest, and how many of them are equal to it.
  struct Least {
    uint64_t value;
    size_t equal;
  };

  void gather() noexcept;
  void keep_path(uint32_t leaf) noexcept;
  Least least_of_largest(size_t most, Key key) const noexcept;
  void mark_largest(size_t most, Key key) noexcept;

  Site *start_ = nullptr;
  uint32_t count_ = 0;
  size_t bytes_ = 0;
  Total::Highest peak_{};
  sites::Sum other_{};
  uint32_t *nodes_ = nullptr;
  size_t nodes_bytes_ = 0;
};

}  // namespace heapmeter::pages
