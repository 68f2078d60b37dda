// SPDX-License-Identifier: MIT
#include "backend/room.h"

#include "backend/allocator.h"
#include "backend/mimalloc.h"
#include "base/compiler.h"

namespace heapmeter::room {
namespace {

// No machine has so much to collect.
constexpr size_t kHopeless = size_t{1} << 40;

// Large blocks are the kernel's business where mimalloc is underneath; the program's own allocator has ways
// of its own with them.
bool has_mapped_heap() noexcept { return backend::next == nullptr; }

void *without_link(void *block) noexcept {
  if (block != nullptr && backend::next == nullptr) mimalloc::clear_link(block);
  return block;
}

Room try_for(size_t bytes, bool zeroed) noexcept {
  if (has_mapped_heap() && mapped_heap::takes(bytes)) {
    const Room room = mapped_heap::allocate(bytes, kGranule);
    if (room.start != nullptr) return room;
    // The allocator may have such room left, but would take more without asking whether there is so much.
    if (bytes >= mapped_heap::kAlways) return {};
  }
  if (zeroed) return {backend::allocate_zeroed(bytes), 0};
  return {without_link(backend::allocate(bytes)), 0};
}

constinit size_t blocks_without_entry = 0;

}  // namespace

Room of(size_t bytes, bool zeroed) noexcept {
  bytes = at_least(bytes);
  const Room room = try_for(bytes, zeroed);
  if (room.start != nullptr || !backend::keeps_surplus() || bytes >= kHopeless) return room;
  // What the allocator keeps free for later is room, too.
  backend::collect();
  return try_for(bytes, zeroed);
}

// To align a block mimalloc takes as much more as the alignment. What is too large for its segments with that
// has one of its own, at an address that none had before, for which the ledger would grow each time.
Room aligned(size_t bytes, size_t alignment) noexcept {
  bytes = at_least(bytes);
  const bool large = bytes + alignment >= mapped_heap::kAlways;
  if (has_mapped_heap() && (large || mapped_heap::takes(bytes))) {
    const Room room = mapped_heap::allocate(bytes, alignment);
    if (room.start != nullptr || large) return room;
  }
  return {without_link(backend::allocate_aligned(bytes, alignment)), 0};
}

void *naturally_aligned(size_t bytes, size_t alignment) noexcept {
  const uintptr_t below = alignment - 1;
  const bool may_be = bytes != 0 && (bytes & below) == 0 && alignment <= backend::natural_alignment(bytes);
  if (!may_be || mapped_heap::takes(bytes)) return nullptr;
  void *block = without_link(backend::allocate(at_least(bytes)));
  if ((reinterpret_cast<uintptr_t>(block) & below) == 0) return block;
  backend::release(block);
  return nullptr;
}

void give_back(Room room) noexcept {
  if (room.mapped != 0) {
    mapped_heap::release(room);
  } else {
    backend::release(room.start);
  }
}

Room without_entry(Room room, size_t bytes, size_t alignment) noexcept {
  bytes = at_least(bytes);
  if (room.mapped != 0) {
    mapped_heap::release(room);
    const bool plain = alignment <= kGranule;
    room = {plain ? backend::allocate_zeroed(bytes) : backend::allocate_aligned(bytes, alignment), 0};
  }
  if (room.start != nullptr) __atomic_add_fetch(&blocks_without_entry, 1, __ATOMIC_RELAXED);
  return room;
}

size_t all_without_entry() noexcept { return load_whole(blocks_without_entry); }

bool was_without_entry() noexcept {
  size_t some = load_whole(blocks_without_entry);
  while (some != 0 && !__atomic_compare_exchange_n(&blocks_without_entry, &some, some - 1, true,
                                                   __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
  }
  return some != 0;
}

}  // namespace heapmeter::room
