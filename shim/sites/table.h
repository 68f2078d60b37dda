// SPDX-License-Identifier: MIT
//
// The sites: each distinct call stack, known by its hash, and told as a path through a tree of return
// addresses that all share.
//
// Sites and nodes are only ever added, by compare-and-exchange on the head of a list: who reads meets whole
// entries, a signal handler or a forked child meets no lock. Of two that add the same at once one entry
// stays without use. What there is no room for is the site kOther. All is given back at once, when nobody is
// within.
//
// Later sites have lists of their own. The first that is to go there closes the list of the first sites that
// its like would be in: who was about to add to that one goes along, and finds the same.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "books/pauses.h"
#include "sites/budget.h"

namespace heapmeter::sites {

// A module of no code: its addresses are marks.
inline constexpr uint16_t kMark = 0xffff;
// The marks that stand where a stack ended early, and in place of one: a signal handler's that interrupted
// another call.
inline constexpr uint64_t kCutShort = 1, kInHandler = 2;
// The marks that are tags: this, and the number of its name.
inline constexpr uint64_t kFirstTag = 16;

// Where a frame returns to, in which module: an address may be another's code after a dlclose.
struct Place {
  uint64_t address = 0;
  uint16_t module = 0;
};

class Table {
 public:
  static constexpr uint32_t kNone = 0;
  static constexpr uint32_t kOther = 1;
  static constexpr uint32_t kFirst = 2;
  // What a site takes beside its nodes, with the counts that all threads share: see shards.h.
  static constexpr size_t kSiteBytes = 16 + 64;
  static constexpr size_t kNodeBytes = 16;

  // How many a limit lets it hold.
  static uint32_t most_sites(size_t limit) noexcept;
  // Reserves address space, once, for as much as the limit lets it hold. False when there is none.
  bool map(size_t limit) noexcept;
  bool mapped() const noexcept { return sites_ != nullptr; }

  uint32_t find(uint64_t hash) const noexcept;
  // The node of that frame under its caller's; 0 is the root, and what there is no room for.
  uint32_t node(Budget &budget, uint32_t parent, Place place) noexcept;
  uint32_t add(Budget &budget, uint64_t hash, uint32_t leaf) noexcept {
    return add_with<NoPauses>(budget, hash, leaf);
  }
  template <typename Pauses>
  uint32_t add_with(Budget &budget, uint64_t hash, uint32_t leaf) noexcept;

  // For readers: numbers below these were given out; a leaf of 0 is no site, or not yet.
  uint32_t sites() const noexcept;
  uint32_t nodes() const noexcept;
  uint32_t leaf(uint32_t site) const noexcept;
  uint32_t parent(uint32_t node) const noexcept;
  Place place(uint32_t node) const noexcept;

  // Everything, when nobody else is within.
  void clear() noexcept;
  // While it is clear: how many sites will come, since each of few takes a page of memory for the head of its
  // list.
  void expect(bool few) noexcept { head_bits_ = few ? kFewHeadBits : kHeadBits; }
  Memory memory() const noexcept { return {heads_, mapped() ? bytes() : 0}; }
  void unmap() noexcept;

 private:
  static constexpr unsigned kHeadBits = 15, kFewHeadBits = 11, kLateHeadBits = 18;
  static constexpr size_t kHeads = size_t{1} << kHeadBits, kNodeHeads = size_t{1} << 20;
  static constexpr size_t kLateHeads = size_t{1} << kLateHeadBits;
  // In the head of a list of first sites.
  static constexpr uint32_t kClosed = uint32_t{1} << 31;
  struct Site {
    uint64_t hash;
    uint32_t next;
    uint32_t leaf;
  };
  struct Node {
    uint64_t place;  // module << 48 | address
    uint32_t parent;
    uint32_t next;
  };
  static_assert(sizeof(Node) == kNodeBytes && sizeof(Site) + 64 == kSiteBytes);

  uint32_t find_from(uint32_t first, uint32_t end, uint64_t hash) const noexcept;
  uint32_t find_late(uint64_t hash, uint32_t &first) const noexcept;
  uint32_t node_from(uint32_t first, uint32_t end, uint32_t parent, uint64_t place) const noexcept;
  uint32_t claim(Budget &budget, uint32_t &given, uint32_t most, size_t bytes) noexcept;
  size_t bytes() const noexcept;

  static constexpr size_t kHeadBytes = (kHeads + kNodeHeads + kLateHeads) * sizeof(uint32_t);

  // The first sites share few lists, whose heads take few pages; those that come later have lists of their
  // own, or each would be looked for through many.
  size_t head_of(uint64_t hash) const noexcept { return hash >> (64 - head_bits_); }
  static size_t late_head_of(uint64_t hash) noexcept {
    return kHeads + kNodeHeads + (hash >> (64 - kLateHeadBits));
  }
  bool is_late() const noexcept { return load_whole(given_sites_) > kHeads; }
  // The nodes of one stack are made one after the other: their heads are neighbours too, and take few pages
  // as long as there are few. Callees of one caller are told apart by their address.
  static size_t node_head_of(uint32_t parent, uint64_t hash) noexcept {
    return (size_t{parent} * 4 + (hash >> 58)) % kNodeHeads;
  }

  unsigned head_bits_ = kHeadBits;
  uint32_t *heads_ = nullptr;  // of the first sites, of nodes, of later sites
  Site *sites_ = nullptr;
  Node *nodes_ = nullptr;
  uint32_t most_sites_ = 0;
  uint32_t most_nodes_ = 0;
  uint32_t given_sites_ = 0;
  uint32_t given_nodes_ = 0;
};

extern template uint32_t Table::add_with<NoPauses>(Budget &, uint64_t, uint32_t) noexcept;

}  // namespace heapmeter::sites
