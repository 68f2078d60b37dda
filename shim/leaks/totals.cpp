// SPDX-License-Identifier: MIT
#include "leaks/totals.h"

#include "base/sys.h"
#include "leaks/heap_sort.h"

namespace heapmeter::leaks {
namespace {

bool alike(const Lost &a, const Lost &b) noexcept {
  return a.site == b.site && (a.site != 0 || (a.size == b.size && a.family == b.family));
}

bool before(const Lost &a, const Lost &b) noexcept {
  if (a.site != b.site) return a.site < b.site;
  if (a.site == 0 && a.size != b.size) return a.size > b.size;
  if (a.site == 0 && a.family != b.family) return a.family < b.family;
  // Of those alike the best example first.
  if (a.perhaps != b.perhaps) return b.perhaps;
  if (a.indirectly != b.indirectly) return b.indirectly;
  return a.address < b.address;
}

}  // namespace

void Sum::add(const Lost &lost) noexcept {
  if (lost.perhaps) {
    ++perhaps_blocks;
    perhaps_bytes += lost.size;
    return;
  }
  ++blocks;
  bytes += lost.size;
  if (!lost.indirectly) return;
  ++indirectly_blocks;
  indirectly_bytes += lost.size;
}

void Sum::add(const Sum &other) noexcept {
  blocks += other.blocks;
  bytes += other.bytes;
  indirectly_blocks += other.indirectly_blocks;
  indirectly_bytes += other.indirectly_bytes;
  perhaps_blocks += other.perhaps_blocks;
  perhaps_bytes += other.perhaps_bytes;
}

Sum sum(const Findings &findings) noexcept {
  Sum all{};
  for (size_t at = 0; at < findings.lost_count; ++at) all.add(findings.lost[at]);
  all.blocks += findings.unlisted_blocks;
  all.bytes += findings.unlisted_bytes;
  return all;
}

Rows::Rows(Findings &findings) noexcept : rows_(nullptr), most_(findings.lost_count) {
  if (most_ == 0) return;
  rows_ = static_cast<Alike *>(sys::map(most_ * sizeof *rows_));
  if (rows_ == nullptr) return;
  heap_sort(findings.lost, findings.lost_count, before);
  for (size_t at = 0; at < findings.lost_count;) {
    const Lost &first = findings.lost[at];
    Alike &row = rows_[size_++];
    row = {first.site, first.family, first.site == 0 ? first.size : 0, first.address, {}};
    for (; at < findings.lost_count && alike(findings.lost[at], first); ++at) row.sum.add(findings.lost[at]);
  }
  heap_sort(rows_, size_, [](const Alike &a, const Alike &b) {
    const uint64_t one = a.sum.bytes + a.sum.perhaps_bytes, other = b.sum.bytes + b.sum.perhaps_bytes;
    return one != other ? one > other : a.example < b.example;
  });
}

Rows::~Rows() {
  if (rows_ != nullptr) sys::unmap(rows_, most_ * sizeof *rows_);
}

}  // namespace heapmeter::leaks
