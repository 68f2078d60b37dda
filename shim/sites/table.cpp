// SPDX-License-Identifier: MIT
#include "sites/table.h"

#include "base/sys.h"

namespace heapmeter::sites {
namespace {

constexpr uint32_t kMostSites = uint32_t{1} << 20;
constexpr uint32_t kMostNodes = uint32_t{1} << 22;
constexpr unsigned kAddressBits = 48;

constexpr uint64_t spread(uint64_t word) noexcept { return word * 0x9E3779B97F4A7C15u; }

constexpr uint64_t packed(Place place) noexcept {
  return uint64_t{place.module} << kAddressBits | (place.address & ((uint64_t{1} << kAddressBits) - 1));
}

uint32_t smaller(size_t a, uint32_t b) noexcept { return a < b ? static_cast<uint32_t>(a) : b; }

}  // namespace

uint32_t Table::most_sites(size_t limit) noexcept { return smaller(limit / kSiteBytes + kFirst, kMostSites); }

bool Table::map(size_t limit) noexcept {
  if (mapped()) return true;
  given_sites_ = kFirst;
  given_nodes_ = 1;
  most_sites_ = most_sites(limit);
  most_nodes_ = smaller(limit / kNodeBytes + 1, kMostNodes);
  auto *start = static_cast<char *>(sys::map(bytes()));
  if (start == nullptr) return false;
  sys::keep_out_of_core_dumps(start, bytes());
  sys::keep_pages_small(start, bytes());
  heads_ = reinterpret_cast<uint32_t *>(start);
  nodes_ = reinterpret_cast<Node *>(start + kHeadBytes);
  __atomic_store_n(&sites_, reinterpret_cast<Site *>(nodes_ + most_nodes_), __ATOMIC_RELEASE);
  return true;
}

size_t Table::bytes() const noexcept {
  return kHeadBytes + size_t{most_nodes_} * sizeof(Node) + size_t{most_sites_} * sizeof(Site);
}

// Of the list from `first` up to `end`, which was looked through before.
uint32_t Table::find_from(uint32_t first, uint32_t end, uint64_t hash) const noexcept {
  for (uint32_t id = first; id != end; id = load_whole(sites_[id].next)) {
    if (HEAPMETER_LIKELY(load_whole(sites_[id].hash) == hash)) return id;
  }
  return kNone;
}

uint32_t Table::find_late(uint64_t hash, uint32_t &first) const noexcept {
  first = __atomic_load_n(&heads_[late_head_of(hash)], __ATOMIC_ACQUIRE);
  return find_from(first, kNone, hash);
}

uint32_t Table::find(uint64_t hash) const noexcept {
  const uint32_t first = __atomic_load_n(&heads_[head_of(hash)], __ATOMIC_ACQUIRE);
  const uint32_t early = find_from(first & ~kClosed, kNone, hash);
  uint32_t late = kNone;
  return early != kNone || (first & kClosed) == 0 ? early : find_late(hash, late);
}

uint32_t Table::claim(Budget &budget, uint32_t &given, uint32_t most, size_t bytes) noexcept {
  if (load_whole(given) >= most || !budget.take(bytes)) return 0;
  const uint32_t id = __atomic_fetch_add(&given, 1, __ATOMIC_RELAXED);
  return id < most ? id : 0;
}

template <typename Pauses>
uint32_t Table::add_with(Budget &budget, uint64_t hash, uint32_t leaf) noexcept {
  uint32_t *head = &heads_[head_of(hash)];
  Pauses::pause();
  uint32_t seen = is_late() ? __atomic_or_fetch(head, kClosed, __ATOMIC_ACQ_REL)
                            : __atomic_load_n(head, __ATOMIC_ACQUIRE);
  // From the head as it was seen; where that is closed, in the list of later sites, too, which it then goes
  // to.
  const auto look = [&](uint32_t end) {
    const uint32_t known = find_from(seen & ~kClosed, end, hash);
    if (known != kNone || (seen & kClosed) == 0) return known;
    head = &heads_[late_head_of(hash)];
    return find_late(hash, seen);
  };
  if (const uint32_t known = look(kNone)) return known;
  const uint32_t id = claim(budget, given_sites_, most_sites_, kSiteBytes);
  if (id == 0) return kOther;
  store_whole(sites_[id].hash, hash);
  // The leaf makes it a site to readers, who go by number: last, when it is in the list.
  while (true) {
    const uint32_t next = seen;
    store_whole(sites_[id].next, next);
    Pauses::pause();
    if (__atomic_compare_exchange_n(head, &seen, id, false, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE)) break;
    if (const uint32_t known = look(next)) return known;
  }
  __atomic_store_n(&sites_[id].leaf, leaf, __ATOMIC_RELEASE);
  return id;
}

template uint32_t Table::add_with<NoPauses>(Budget &, uint64_t, uint32_t) noexcept;

uint32_t Table::node_from(uint32_t first, uint32_t end, uint32_t parent, uint64_t place) const noexcept {
  for (uint32_t id = first; id != end; id = load_whole(nodes_[id].next)) {
    if (load_whole(nodes_[id].place) == place && load_whole(nodes_[id].parent) == parent) return id;
  }
  return 0;
}

uint32_t Table::node(Budget &budget, uint32_t parent, Place place) noexcept {
  const uint64_t word = packed(place);
  uint32_t &head = heads_[kHeads + node_head_of(parent, spread(word))];
  uint32_t seen = __atomic_load_n(&head, __ATOMIC_ACQUIRE);
  if (const uint32_t known = node_from(seen, 0, parent, word)) return known;
  const uint32_t id = claim(budget, given_nodes_, most_nodes_, kNodeBytes);
  if (id == 0) return 0;
  store_whole(nodes_[id].place, word);
  store_whole(nodes_[id].parent, parent);
  store_whole(nodes_[id].next, seen);
  while (!__atomic_compare_exchange_n(&head, &seen, id, false, __ATOMIC_RELEASE, __ATOMIC_ACQUIRE)) {
    if (const uint32_t known = node_from(seen, load_whole(nodes_[id].next), parent, word)) return known;
    store_whole(nodes_[id].next, seen);
  }
  return id;
}

uint32_t Table::sites() const noexcept { return smaller(load_whole(given_sites_), most_sites_); }
uint32_t Table::nodes() const noexcept { return smaller(load_whole(given_nodes_), most_nodes_); }
uint32_t Table::leaf(uint32_t site) const noexcept {
  return __atomic_load_n(&sites_[site].leaf, __ATOMIC_ACQUIRE);
}
uint32_t Table::parent(uint32_t node) const noexcept { return load_whole(nodes_[node].parent); }
Place Table::place(uint32_t node) const noexcept {
  const uint64_t word = load_whole(nodes_[node].place);
  return {word & ((uint64_t{1} << kAddressBits) - 1), static_cast<uint16_t>(word >> kAddressBits)};
}

void Table::clear() noexcept {
  if (!mapped()) return;
  sys::forget(heads_, bytes());
  store_whole(given_sites_, kFirst);
  store_whole(given_nodes_, 1u);
}

void Table::unmap() noexcept {
  if (!mapped()) return;
  sys::unmap(heads_, bytes());
  sites_ = nullptr;
}

}  // namespace heapmeter::sites
