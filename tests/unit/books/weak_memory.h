// SPDX-License-Identifier: MIT
//
// Memory as processors with a weak order have it, for stories that are told in every order: what is stored
// stays, one store behind the other for each place, and who loads may get an older one, unless what it has
// seen so far says that it must know better. In each order another of those that it may get. So what x86
// hides is tried, too.
//
// Not tried: a store that another thread sees before a load that stands before it, and stores to one place by
// several threads that turn out in another order than they were made in. Plain accesses are at once what was
// stored last: a race of those is ThreadSanitizer's to find.
//
// Compiled into code by instead_of_atomics.h.
#pragma once

#include <algorithm>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "interleavings.h"

namespace heapmeter::testing {

class WeakMemory {
 public:
  // Everything anew, for the next order.
  static void forget() {
    places_.clear();
    perhaps_known_.reset();
    threads_.clear();
  }
  // What if nobody had asked for an order?
  static inline bool all_relaxed = false;
  // For what does not pause by itself between two accesses.
  static inline bool pauses = false;

  template <typename T>
  static T load(const T *at, int order) {
    pause();
    if (teller() == Interleaving::kNone || !perhaps_known_[hash(at)]) return *at;
    const auto found = places_.find(at);
    if (found == places_.end()) return *at;
    Place &place = found->second;
    const size_t stores = place.stores.size(), oldest = oldest_visible(place, order);
    return take<T>(place, stores - 1 - Interleaving::pick(stores - oldest), order);
  }

  template <typename T>
  static void store(T *at, std::type_identity_t<T> value, int order) {
    pause();
    if (teller() != Interleaving::kNone) put(place_of(at), value, order, {});
    *at = value;
  }

  // Changes what was stored last, and tells what that was.
  template <typename T, typename Change>
  static T change(T *at, Change to, int order) {
    pause();
    const T before = *at, after = static_cast<T>(to(before));
    if (teller() != Interleaving::kNone) {
      Place &place = place_of(at);
      take<T>(place, place.stores.size() - 1, order);
      // Who sees this sees what the one before was a release of.
      put(place, after, order, View{place.stores.back().seen});
    }
    *at = after;
    return before;
  }

  template <typename T>
  static bool compare_and_change(T *at, T *expected, std::type_identity_t<T> desired, int order,
                                 int failure) {
    if (*at == *expected) {
      change(
          at, [&](T) { return desired; }, order);
      return true;
    }
    *expected = *at;
    if (teller() == Interleaving::kNone || places_.find(at) == places_.end()) return false;
    // It may have been refused for an older one, but not for one that it expected.
    take<T>(places_[at], places_[at].stores.size() - 1, failure);
    return false;
  }

  static void fence(int order) {
    if (teller() == Interleaving::kNone) return;
    Thread &thread = me();
    if (acquires(order)) join(thread.seen, thread.to_acquire);
    if (releases(order)) thread.released = thread.seen;
  }

 private:
  // How many stores of each place are known to have been made.
  using View = std::map<size_t, size_t>;
  struct Store {
    uint64_t value;
    View seen;  // what who acquires it sees
  };
  struct Place {
    size_t number;
    std::vector<Store> stores;
    size_t last_sequential = 0;
  };
  struct Thread {
    View seen, to_acquire, released;
  };

  static void pause() {
    if (pauses) Interleaving::pause();
  }
  static size_t teller() { return Interleaving::teller(); }
  static Thread &me() { return threads_[teller()]; }
  static bool acquires(int order) {
    return !all_relaxed &&
           (order == __ATOMIC_ACQUIRE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST);
  }
  static bool releases(int order) {
    return !all_relaxed &&
           (order == __ATOMIC_RELEASE || order == __ATOMIC_ACQ_REL || order == __ATOMIC_SEQ_CST);
  }
  static bool is_sequential(int order) { return !all_relaxed && order == __ATOMIC_SEQ_CST; }
  static void join(View &view, const View &other) {
    for (const auto &[place, stores] : other) view[place] = std::max(view[place], stores);
  }

  template <typename T>
  static Place &place_of(T *at) {
    static_assert(sizeof(T) <= sizeof(uint64_t));
    const auto [found, is_new] = places_.try_emplace(at);
    if (is_new) {
      perhaps_known_.set(hash(at));
      found->second.number = places_.size();
      found->second.stores.push_back({(uint64_t)*at, {}});
    }
    return found->second;
  }

  static size_t oldest_visible(const Place &place, int order) {
    const View &seen = me().seen;
    const auto known = seen.find(place.number);
    const size_t oldest = known == seen.end() ? 0 : known->second;
    return is_sequential(order) ? std::max(oldest, place.last_sequential) : oldest;
  }

  template <typename T>
  static T take(Place &place, size_t which, int order) {
    Thread &thread = me();
    const Store &store = place.stores[which];
    thread.seen[place.number] = std::max(thread.seen[place.number], which);
    join(acquires(order) ? thread.seen : thread.to_acquire, store.seen);
    return (T)store.value;
  }

  template <typename T>
  static void put(Place &place, T value, int order, View seen) {
    Thread &thread = me();
    const size_t number = place.stores.size();
    thread.seen[place.number] = number;
    join(seen, releases(order) ? thread.seen : thread.released);
    seen[place.number] = number;
    place.stores.push_back({(uint64_t)value, std::move(seen)});
    if (is_sequential(order)) place.last_sequential = number;
  }

  static inline std::unordered_map<const void *, Place> places_;
  // Most are not: thousands of counters that stay what they are.
  static constexpr size_t kHashes = 4096;
  static size_t hash(const void *at) { return reinterpret_cast<uintptr_t>(at) / sizeof(uint64_t) % kHashes; }
  static inline std::bitset<kHashes> perhaps_known_;
  static inline std::map<size_t, Thread> threads_;
};

}  // namespace heapmeter::testing
