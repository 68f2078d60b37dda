// SPDX-License-Identifier: MIT
#include "leaks/resident_runs.h"

#include <sys/sysinfo.h>

#include "base/sys.h"

namespace heapmeter::leaks {

bool ResidentRuns::ask(uintptr_t page, uintptr_t end) noexcept {
  const size_t left = (sys::whole_pages(end) - page) / sys::page_bytes();
  const size_t pages = left < kAtOnce ? left : kAtOnce;
  from_ = page;
  until_ = page + pages * sys::page_bytes();
  const long failed = sys::call(SYS_mincore, static_cast<long>(page), static_cast<long>(until_ - page),
                                reinterpret_cast<long>(resident_));
  return !sys::failed(failed);
}

Area ResidentRuns::next(uintptr_t from, uintptr_t end) noexcept {
  if (swapped_ == Swapped::kUnknown) {
    struct sysinfo info = {};
    const bool told = !sys::failed(sys::call(SYS_sysinfo, reinterpret_cast<long>(&info)));
    swapped_ = told && info.totalswap == info.freeswap ? Swapped::kNothing : Swapped::kSomething;
  }
  if (swapped_ == Swapped::kSomething) return {from, end};
  uintptr_t start = 0;
  for (uintptr_t page = sys::page_of(from); page < end; page += sys::page_bytes()) {
    if ((page < from_ || page >= until_) && !ask(page, end)) {
      from_ = until_ = 0;
      return {start == 0 ? from : start, end};
    }
    const bool resident = (resident_[(page - from_) / sys::page_bytes()] & 1u) != 0;
    if (resident && start == 0) start = page < from ? from : page;
    if (!resident && start != 0) return {start, page};
  }
  return start == 0 ? Area{end, end} : Area{start, end};
}

}  // namespace heapmeter::leaks
