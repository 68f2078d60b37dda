// SPDX-License-Identifier: MIT
#include "sites/lifetimes.h"

#include "base/sys.h"

namespace heapmeter::sites {

unsigned Lifetimes::doubling(uint64_t ns) noexcept {
  const uint64_t ms = ns / 1'000'000;
  const unsigned bits = ms == 0 ? 0 : 64 - static_cast<unsigned>(__builtin_clzll(ms));
  return bits < kDoublings ? bits : kDoublings - 1;
}

bool Lifetimes::map(size_t limit, uint32_t most_sites) noexcept {
  if (index_ != nullptr) return true;
  sites_ = most_sites;
  most_ =
      static_cast<uint32_t>(limit / sizeof(Histogram) < most_sites ? limit / sizeof(Histogram) : most_sites);
  index_bytes_ = sys::whole_pages(most_sites * sizeof(uint32_t));
  auto *start = static_cast<char *>(sys::map(bytes()));
  if (start == nullptr) return false;
  sys::keep_out_of_core_dumps(start, bytes());
  sys::keep_pages_small(start, bytes());
  histograms_ = reinterpret_cast<Histogram *>(start + index_bytes_);
  __atomic_store_n(&index_, reinterpret_cast<uint32_t *>(start), __ATOMIC_RELEASE);
  return true;
}

// Of two that make one for the same site the first one's is taken; the other stays without use.
Lifetimes::Histogram *Lifetimes::histogram(Budget &budget, uint32_t site) noexcept {
  uint32_t known = __atomic_load_n(&index_[site], __ATOMIC_ACQUIRE);
  if (known == 0) {
    if (load_whole(given_) >= most_ || !budget.take(sizeof(Histogram))) return nullptr;
    const uint32_t number = __atomic_add_fetch(&given_, 1, __ATOMIC_RELAXED);
    if (number > most_) return nullptr;
    if (__atomic_compare_exchange_n(&index_[site], &known, number, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
      known = number;
  }
  return &histograms_[known - 1];
}

void Lifetimes::add(Budget &budget, uint32_t site, uint64_t ns, uint64_t blocks) noexcept {
  if (index_ == nullptr || site >= sites_) return;
  if (Histogram *lived = histogram(budget, site))
    __atomic_fetch_add(&lived->blocks[doubling(ns)], blocks, __ATOMIC_RELAXED);
}

const uint64_t *Lifetimes::of(uint32_t site) const noexcept {
  if (index_ == nullptr || site >= sites_) return nullptr;
  const uint32_t number = __atomic_load_n(&index_[site], __ATOMIC_ACQUIRE);
  return number == 0 ? nullptr : histograms_[number - 1].blocks;
}

void Lifetimes::clear() noexcept {
  if (index_ == nullptr) return;
  sys::forget(index_, bytes());
  store_whole(given_, 0u);
}

void Lifetimes::unmap() noexcept {
  if (index_ != nullptr) sys::unmap(index_, bytes());
  index_ = nullptr;
}

}  // namespace heapmeter::sites
