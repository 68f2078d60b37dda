// SPDX-License-Identifier: MIT
#include "leaks/roots.h"

#include "base/sys.h"
#include "leaks/written_runs.h"

namespace heapmeter::leaks {
namespace {

// What the ABI lets a function use below its stack pointer.
constexpr uintptr_t kRedZone = 128;

// What glibc knows of a thread lies at the upper end of its stack, and stays there when the thread has ended.
// It begins as the ABI has it for x86-64: with its own address, and once more behind that of the thread's
// storage.
constexpr uintptr_t kDescriptorAlignment = 64, kLeastDescriptor = 1024;

bool is_descriptor(const uintptr_t *words) noexcept {
  const auto self = reinterpret_cast<uintptr_t>(words);
  return words[0] == self && words[2] == self && words[1] != self && words[1] != 0;
}

}  // namespace

bool Roots::is_root(size_t at) const noexcept {
  const Mapping &mapping = space_[at];
  if (mapping.kind == Mapping::Kind::kKernels || mapping.kind == Mapping::Kind::kDevice) return false;
  if (mapping.writable) return true;
  // What is closed to the program now may have been written before, and be opened again. Of a file's that is
  // what is its own, relocated data for one.
  if (mapping.kind == Mapping::Kind::kMemory || !mapping.shared) return true;
  return mapping.inode == 0 && mapping.readable;
}

bool Roots::is_guarded(size_t at) const noexcept {
  if (at == 0) return false;
  const Mapping &below = space_[at - 1];
  return below.end == space_[at].start && !below.readable && !below.writable;
}

// What lies above it is something else that the kernel lists as one with it. Without it there may be a guard
// all the same: below code that the program makes. One whose last page is swapped out passes for code, in
// which more looks like an address.
uintptr_t Roots::end_of_stack(size_t at) const noexcept {
  const Mapping &mapping = space_[at];
  if (mapping.kind == Mapping::Kind::kStack) return mapping.end;
  if (mapping.kind != Mapping::Kind::kAnonymous || !mapping.writable || !is_guarded(at)) return mapping.start;
  WrittenRuns runs;
  for (uintptr_t from = mapping.start; from < mapping.end;) {
    const Area run = runs.next(from, mapping.end);
    if (mapping.readable && runs.present()) {
      for (uintptr_t place = run.start; place < run.end; place += kDescriptorAlignment) {
        if (is_descriptor(reinterpret_cast<const uintptr_t *>(place)))
          return sys::whole_pages(place + kLeastDescriptor);
      }
    }
    from = run.end;
  }
  return mapping.start;
}

size_t Roots::dead_bytes(size_t at) const noexcept {
  const Mapping &mapping = space_[at];
  const bool is_stack =
      mapping.kind == Mapping::Kind::kStack || (mapping.kind == Mapping::Kind::kAnonymous && is_guarded(at));
  if (!is_stack) return 0;
  const auto within = [&](uintptr_t address) {
    return address - mapping.start < mapping.end - mapping.start;
  };
  uintptr_t lowest = 0;
  if (within(threads_.own_stack_pointer)) lowest = threads_.own_stack_pointer;
  for (size_t one = 0; one < threads_.before_count; ++one) {
    const Standing &before = threads_.before[one];
    if (!before.asleep || !within(before.stack_pointer)) continue;
    bool stayed = false;
    for (size_t two = 0; two < threads_.after_count; ++two) stayed |= threads_.after[two].same_as(before);
    if (!stayed || before.lends_stack) return 0;
    if (lowest == 0 || before.stack_pointer < lowest) lowest = before.stack_pointer;
  }
  return lowest < mapping.start + kRedZone ? 0 : lowest - kRedZone - mapping.start;
}

}  // namespace heapmeter::leaks
