// SPDX-License-Identifier: MIT
#include "leaks/written_runs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

#include "base/sys.h"

namespace heapmeter::leaks {
namespace {

// As linux/fs.h has it since 6.7.
struct Scan {
  uint64_t size, flags, start, end, walk_end, regions, region_count, most_pages;
  uint64_t inverted, all_of, any_of, told;
};
constexpr uint64_t kFile = 1 << 2, kPresent = 1 << 3, kSwapped = 1 << 4, kGuard = 1 << 8;
// proc_pid_pagemap(5), and linux/Documentation/admin-guide/mm/pagemap.rst.
constexpr uint64_t kPagePresent = uint64_t{1} << 63, kPageSwapped = uint64_t{1} << 62,
                   kPageFile = uint64_t{1} << 61, kPageGuard = uint64_t{1} << 58;

bool is_written(uint64_t page, bool own) noexcept {
  return (page & (kPagePresent | kPageSwapped)) != 0 && (page & (kPageGuard | (own ? kPageFile : 0))) == 0;
}

}  // namespace

WrittenRuns::WrittenRuns() noexcept
    : descriptor_(sys::call(SYS_openat, AT_FDCWD, reinterpret_cast<long>("/proc/thread-self/pagemap"),
                            O_RDONLY | O_CLOEXEC)) {}

WrittenRuns::~WrittenRuns() {
  if (!sys::failed(descriptor_)) sys::call(SYS_close, descriptor_);
}

bool WrittenRuns::scan(uintptr_t from, uintptr_t end) noexcept {
  const uint64_t kinds = kPresent | kSwapped, never = (knows_guards_ ? kGuard : 0) | (own_ ? kFile : 0);
  Scan ask = {sizeof ask,
              0,
              sys::page_of(from),
              sys::whole_pages(end),
              0,
              reinterpret_cast<uintptr_t>(region_),
              kRegions,
              0,
              never,
              never,
              kinds,
              kinds};
  const long found = sys::call(SYS_ioctl, descriptor_, _IOWR('f', 16, Scan), reinterpret_cast<long>(&ask));
  if (found == -EINVAL && knows_guards_) {
    knows_guards_ = false;
    return scan(from, end);
  }
  if (sys::failed(found)) return false;
  from_ = from;
  until_ = ask.walk_end < end ? ask.walk_end : end;
  regions_ = static_cast<size_t>(found);
  return until_ > from;
}

Area WrittenRuns::next_scanned(uintptr_t from, uintptr_t end) noexcept {
  for (;;) {
    for (size_t at = 0; at < regions_; ++at) {
      if (region_[at].end <= from) continue;
      const uintptr_t start = region_[at].start < from ? from : region_[at].start;
      present_ = (region_[at].categories & kSwapped) == 0;
      return {start, region_[at].end < end ? region_[at].end : end};
    }
    if (until_ >= end) return {end, end};
    from = until_;
    if (!scan(from, end)) return {from, end};
  }
}

Area WrittenRuns::next_by_pages(uintptr_t from, uintptr_t end) noexcept {
  uintptr_t start = 0;
  for (uintptr_t page = sys::page_of(from); page < end; page += sys::page_bytes()) {
    if (page < from_ || page >= until_) {
      const auto bytes = static_cast<long>(sizeof page_);
      const auto at = static_cast<long>(page / sys::page_bytes() * sizeof page_[0]);
      from_ = page;
      until_ = page + kAtOnce * sys::page_bytes();
      if (sys::call(SYS_pread64, descriptor_, reinterpret_cast<long>(page_), bytes, at) != bytes) {
        from_ = until_ = 0;
        return {start == 0 ? from : start, end};
      }
    }
    const uint64_t told = page_[(page - from_) / sys::page_bytes()];
    const bool written = is_written(told, own_), present = (told & kPagePresent) != 0;
    if (start != 0 && (!written || present != present_)) return {start, page};
    if (written && start == 0) {
      start = page < from ? from : page;
      present_ = present;
    }
  }
  return start == 0 ? Area{end, end} : Area{start, end};
}

Area WrittenRuns::next(uintptr_t from, uintptr_t end, bool own) noexcept {
  present_ = false;
  if (own != own_) from_ = until_ = 0;
  own_ = own;
  if (sys::failed(descriptor_)) return {from, end};
  const bool known = from >= from_ && from < until_;
  if (scans_ && !known) scans_ = scan(from, end);
  if (!scans_ && !known) from_ = until_ = 0;
  return scans_ ? next_scanned(from, end) : next_by_pages(from, end);
}

}  // namespace heapmeter::leaks
