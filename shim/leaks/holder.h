// SPDX-License-Identifier: MIT
//
// What points at a block: another block, by what it is and where in it, or one of the roots.
#pragma once

#include <stdint.h>

#include <heapmeter/protocol.h>

namespace heapmeter::leaks {

struct Holder {
  // A block; data of an object, which is a global or static variable; a thread's stack with its thread-local
  // storage and what it has in registers; another mapping of the program's own; what is beyond those told
  // apart.
#define HEAPMETER_KIND(enumerator, word) enumerator,
  enum class Kind : uint8_t { HEAPMETER_HOLDER_KINDS(HEAPMETER_KIND) };
#undef HEAPMETER_KIND
  // Of what is larger each offset is as good as the other: an array's.
  static constexpr uint64_t kLargestWithOffset = 1024;
  static constexpr uint64_t kAnywhere = UINT64_MAX;

  Kind kind = Kind::kOther;
  uint32_t leaf = 0;     // of a block: whose call stack it is from; 0: not known
  uint32_t thread = 0;   // of a stack
  uint64_t size = 0;     // of a block without a leaf
  uint64_t offset = 0;   // in a block
  uint64_t address = 0;  // of data: where it is; of other memory: where that begins

  bool same_kind_of_block(const Holder &other) const noexcept {
    return kind == Kind::kBlock && other.kind == Kind::kBlock && leaf == other.leaf && size == other.size;
  }
  bool operator==(const Holder &other) const noexcept {
    return kind == other.kind && leaf == other.leaf && thread == other.thread && size == other.size &&
           offset == other.offset && address == other.address;
  }
  uint64_t hash() const noexcept {
    uint64_t mixed = static_cast<uint64_t>(kind);
    const uint64_t parts[] = {leaf, thread, size, offset, address};
    for (const uint64_t part : parts) {
      mixed = (mixed ^ part) * 0x9FB21C651E98DF25u;
      mixed ^= mixed >> 32;
    }
    return mixed;
  }
};

// So many pointers.
struct Pointers {
  Holder holder;
  uint64_t pointers;
  uint32_t towards_leaf;  // whose blocks they point at, where that is asked of each leaf by itself
};

// On the shortest way from a root to wanted blocks, these follow upwards; the blocks themselves are number 0.
struct Way {
  uint32_t towards;  // what it points at, on this way
  Holder holder;
  uint64_t blocks, bytes;  // wanted ones that are reached through it
};

}  // namespace heapmeter::leaks
