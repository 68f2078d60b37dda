// SPDX-License-Identifier: MIT
#include "service/pages/site_figures.h"

#include <initializer_list>

#include "base/identity.h"
#include "base/sys.h"
#include "sites/poisson.h"

namespace heapmeter::pages {
namespace {

using sites::Sites;
using sites::Sum;
using sites::Table;
using sites::the_sites;

void add(Sum &to, const Sum &sum) noexcept {
  to.live_blocks += sum.live_blocks;
  to.live_bytes += sum.live_bytes;
  to.allocations += sum.allocations;
  to.allocated_bytes += sum.allocated_bytes;
  to.peak_blocks += sum.peak_blocks;
  to.peak_bytes += sum.peak_bytes;
}

}  // namespace

uint64_t rounded(uint64_t in_weights) noexcept {
  return (in_weights + (uint64_t{1} << (sites::poisson::kWeightBits - 1))) >> sites::poisson::kWeightBits;
}

SiteFigures::SiteFigures() noexcept {
  const uint32_t count = the_sites.table().mapped() ? the_sites.table().sites() : 0;
  const size_t bytes = sys::whole_pages(count * (sizeof(Site) + sizeof(Sites::Estimate)) + 1);
  start_ = count == 0 ? nullptr : static_cast<Site *>(sys::map(bytes));
  if (start_ == nullptr) return;
  count_ = count;
  bytes_ = bytes;
  gather();
}

SiteFigures::~SiteFigures() noexcept {
  if (start_ != nullptr) sys::unmap(start_, bytes_);
  if (nodes_ != nullptr) sys::unmap(nodes_, nodes_bytes_);
}

void SiteFigures::gather() noexcept {
  const bool sampled = the_sites.mode() == sites::Mode::kSampled;
  auto *estimates = reinterpret_cast<Sites::Estimate *>(start_ + count_);
  peak_ = the_sites.peak();
  the_sites.estimate(estimates, count_);
  for (uint32_t number = Table::kOther; number < count_; ++number) {
    Site &site = start_[number];
    site = {number == Table::kOther ? 0 : the_sites.table().leaf(number), the_sites.sum(number, peak_.moment),
            estimates[number]};
    if (!sampled) {
      site.estimate.variance = 0;
      continue;
    }
    site.sum.live_blocks = rounded(site.estimate.blocks);
    site.sum.live_bytes = site.estimate.bytes;
    site.sum.allocations = rounded(site.sum.allocations);
    site.sum.reallocations = rounded(site.sum.reallocations);
  }
  other_ = start_[Table::kOther].sum;
}

uint64_t SiteFigures::peak_thousandths() const noexcept {
  if (peak_.ns == 0) return 0;
  const uint64_t now = sys::monotonic_ns();
  return thousandths_since_1970() - (now > peak_.ns ? (now - peak_.ns) / 1'000'000u : 0);
}

uint64_t SiteFigures::peak_error_bytes() const noexcept { return meter.peak.hidden() + peak_.doubtful_bytes; }

// By the top bit of their leaf, which no node's number has.
constexpr uint32_t kMarked = uint32_t{1} << 31;

// Digit by digit from the top, so that it takes a walk for each of eight, however many are asked for.
SiteFigures::Least SiteFigures::least_of_largest(size_t most, Key key) const noexcept {
  Least least{0, most};
  for (int shift = 56; shift >= 0; shift -= 8) {
    uint32_t with_digit[256] = {};
    for (const Site *site = start_ + Table::kFirst; site < start_ + count_; ++site) {
      const uint64_t value = site->sum.*key;
      if (site->leaf != 0 && (value ^ least.value) >> shift < 256) ++with_digit[value >> shift & 255];
    }
    uint64_t digit = 255;
    for (; digit > 0 && with_digit[digit] < least.equal; --digit) least.equal -= with_digit[digit];
    least.value |= digit << shift;
  }
  return least;
}

void SiteFigures::mark_largest(size_t most, Key key) noexcept {
  if (most == 0) return;
  Least least = least_of_largest(most, key);
  for (Site *site = start_ + Table::kFirst; site < start_ + count_; ++site) {
    const uint64_t value = site->sum.*key;
    if (site->leaf == 0 || value == 0 || value < least.value) continue;
    if (value == least.value && least.equal == 0) continue;
    if (value == least.value) --least.equal;
    site->leaf |= kMarked;
  }
}

void SiteFigures::keep_path(uint32_t leaf) noexcept {
  for (uint32_t node = leaf; node != 0 && nodes_[node] == 0; node = the_sites.table().parent(node))
    nodes_[node] = 1;
}

bool SiteFigures::keep_largest(size_t most) noexcept {
  if (count_ == 0) return true;
  const uint32_t nodes = the_sites.table().nodes();
  nodes_bytes_ = sys::whole_pages(size_t{nodes} * sizeof(uint32_t));
  nodes_ = static_cast<uint32_t *>(sys::map(nodes_bytes_));
  if (nodes_ == nullptr) return false;
  mark_largest(most, &Sum::live_bytes);
  mark_largest(most, &Sum::peak_bytes);
  for (Site *site = start_ + Table::kFirst; site < start_ + count_; ++site) {
    if ((site->leaf & kMarked) != 0) {
      site->leaf &= ~kMarked;
      keep_path(site->leaf);
    } else {
      if (site->leaf != 0) add(other_, site->sum);
      site->leaf = 0;
    }
  }
  for (int place = 0; place < Faults::kRecords; ++place) {
    const faults::Where where = meter.faults.at(place).where;
    for (const uint32_t site : {where.made, where.called}) {
      if (const uint32_t leaf = leaf_of(site); leaf < nodes) keep_path(leaf);
    }
  }
  uint32_t given = 0;
  for (uint32_t node = 1; node < nodes; ++node) {
    if (nodes_[node] != 0) nodes_[node] = ++given;
  }
  return true;
}

}  // namespace heapmeter::pages
