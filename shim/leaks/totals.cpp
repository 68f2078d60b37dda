// SPDX-License-Identifier: MIT
#include "leaks/totals.h"

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

Sum sum(const Findings &findings) noexcept {
  Sum all{};
  for (size_t at = 0; at < findings.lost_count; ++at) all.add(findings.lost[at]);
  return all;
}

void sort_alike(Findings &findings) noexcept { heap_sort(findings.lost, findings.lost_count, before); }

Alike next_alike(const Findings &findings, size_t &at) noexcept {
  const Lost &first = findings.lost[at];
  Alike row = {first.site, first.family, first.site == 0 ? first.size : 0, first.address, {}};
  for (; at < findings.lost_count && alike(findings.lost[at], first); ++at) row.sum.add(findings.lost[at]);
  return row;
}

}  // namespace heapmeter::leaks
