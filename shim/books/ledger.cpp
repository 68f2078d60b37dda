// SPDX-License-Identifier: MIT
#include "books/ledger.h"

#include "base/sys.h"
#include "books/entry.h"

namespace heapmeter::ledger {

constinit uint8_t *directory[kDirectorySize] = {};
constinit uint8_t *empty_directory[kDirectorySize] = {};

namespace {

constexpr size_t kChunkBytes = (size_t{1} << kChunkShift) / kGranule;
constexpr unsigned kPieceShift = 22;
constexpr size_t kPieceBytes = (size_t{1} << kPieceShift) / kGranule;
constexpr size_t kPieces = 1 << 14;

struct Piece {
  uintptr_t key;  // address >> kPieceShift, plus 1 so that 0 is a free place
  uint8_t *start;
};

constinit Piece pieces[kPieces] = {};
constinit size_t places_taken = 0;
constinit bool any_pieces = false;  // while there is none, readers need not touch all that memory
constinit bool only_pieces = false;
// Every chunk mapped so far, for readers.
constexpr size_t kChunksKnown = 4096;
struct Chunk {
  uintptr_t index;
  uint8_t *start;
};
constinit Chunk chunks[kChunksKnown] = {};
constinit size_t chunk_count = 0;

uintptr_t address_of(const void *block) noexcept { return reinterpret_cast<uintptr_t>(block); }

uint8_t *biased(uint8_t *chunk, uintptr_t index) noexcept {
  return reinterpret_cast<uint8_t *>(reinterpret_cast<uintptr_t>(chunk) - index * kChunkBytes);
}

uint8_t *in_piece(const Piece &piece, uintptr_t address) noexcept {
  uint8_t *start = __atomic_load_n(&piece.start, __ATOMIC_ACQUIRE);
  return start == nullptr ? nullptr : start + (address & ((uintptr_t{1} << kPieceShift) - 1)) / kGranule;
}

size_t first_place(uintptr_t key) noexcept { return (key * 0x9E3779B97F4A7C15u >> 50) % kPieces; }

uint8_t *find_in_pieces(uintptr_t address) noexcept {
  const uintptr_t key = (address >> kPieceShift) + 1;
  for (size_t probe = 0, at = first_place(key); probe < kPieces; ++probe, at = (at + 1) % kPieces) {
    const uintptr_t found = __atomic_load_n(&pieces[at].key, __ATOMIC_ACQUIRE);
    if (found == key) return in_piece(pieces[at], address);
    if (found == 0) return nullptr;
  }
  return nullptr;
}

// Claims a place for the key, then gives it memory; two threads may do either at once, the first one wins.
uint8_t *born_in_pieces(uintptr_t address) noexcept {
  const uintptr_t key = (address >> kPieceShift) + 1;
  for (size_t probe = 0, at = first_place(key); probe < kPieces; ++probe, at = (at + 1) % kPieces) {
    uintptr_t found = 0;
    if (__atomic_compare_exchange_n(&pieces[at].key, &found, key, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE)) {
      __atomic_add_fetch(&places_taken, 1, __ATOMIC_RELAXED);
    } else if (found != key) {
      continue;
    }
    if (uint8_t *entry = in_piece(pieces[at], address)) return entry;
    __atomic_store_n(&any_pieces, true, __ATOMIC_RELAXED);
    auto *start = static_cast<uint8_t *>(sys::map(kPieceBytes + kTail));
    if (start == nullptr) return nullptr;
    sys::keep_out_of_core_dumps(start, kPieceBytes + kTail);
    uint8_t *none = nullptr;
    if (!__atomic_compare_exchange_n(&pieces[at].start, &none, start, false, __ATOMIC_ACQ_REL,
                                     __ATOMIC_ACQUIRE)) {
      sys::unmap(start, kPieceBytes + kTail);
    }
    return in_piece(pieces[at], address);
  }
  return nullptr;
}

bool map_chunk(uintptr_t index) noexcept {
  auto *chunk = static_cast<uint8_t *>(sys::map(kChunkBytes + kTail));
  if (chunk == nullptr) return false;
  sys::keep_out_of_core_dumps(chunk, kChunkBytes + kTail);
  uint8_t *none = nullptr;
  if (!__atomic_compare_exchange_n(&directory[index], &none, biased(chunk, index), false, __ATOMIC_ACQ_REL,
                                   __ATOMIC_ACQUIRE)) {
    sys::unmap(chunk, kChunkBytes + kTail);
    return true;
  }
  const size_t at = __atomic_fetch_add(&chunk_count, 1, __ATOMIC_RELAXED);
  if (at < kChunksKnown) {
    chunks[at].index = index;
    __atomic_store_n(&chunks[at].start, chunk, __ATOMIC_RELEASE);
  }
  return true;
}

}  // namespace

uint8_t *find(const void *block) noexcept {
  const uintptr_t address = address_of(block);
  const uintptr_t index = address >> kChunkShift;
  if (index >= kDirectorySize) return nullptr;
  uint8_t *chunk = __atomic_load_n(&directory[index], __ATOMIC_ACQUIRE);
  if (chunk == nullptr) return find_in_pieces(address);
  uint8_t *in_chunk = chunk + address / kGranule;
  if (*in_chunk != entry::kNothing || !__atomic_load_n(&only_pieces, __ATOMIC_RELAXED)) return in_chunk;
  // Memory ran out while one thread mapped this chunk and another turned to pieces: the entry may be in
  // either.
  uint8_t *entry = find_in_pieces(address);
  return entry != nullptr ? entry : in_chunk;
}

uint8_t *born(const void *block) noexcept {
  const uintptr_t address = address_of(block);
  const uintptr_t index = address >> kChunkShift;
  if (index >= kDirectorySize) return nullptr;
  if (uint8_t *entry = find(block)) return entry;
  if (index == 0) return born_in_pieces(address);
  if (!__atomic_load_n(&only_pieces, __ATOMIC_RELAXED)) {
    if (map_chunk(index)) return find(block);
    use_pieces();
  }
  return born_in_pieces(address);
}

bool empty() noexcept {
  return __atomic_load_n(&chunk_count, __ATOMIC_RELAXED) == 0 &&
         !__atomic_load_n(&any_pieces, __ATOMIC_RELAXED);
}

bool full() noexcept { return __atomic_load_n(&places_taken, __ATOMIC_RELAXED) == kPieces; }

bool next(size_t &cursor, Part &part) noexcept {
  const size_t known = __atomic_load_n(&chunk_count, __ATOMIC_RELAXED);
  const size_t count = known < kChunksKnown ? known : kChunksKnown;
  for (; cursor < count; ++cursor) {
    const uint8_t *start = __atomic_load_n(&chunks[cursor].start, __ATOMIC_ACQUIRE);
    if (start == nullptr) continue;
    part = {start, kChunkBytes, chunks[cursor++].index << kChunkShift};
    return true;
  }
  // The pieces' numbers begin where no chunk's can be: one mapped meanwhile moves none of them.
  if (!__atomic_load_n(&any_pieces, __ATOMIC_RELAXED)) return false;
  if (cursor < kChunksKnown) cursor = kChunksKnown;
  while (cursor < kChunksKnown + kPieces) {
    const Piece &piece = pieces[cursor++ - kChunksKnown];
    const uint8_t *start = __atomic_load_n(&piece.start, __ATOMIC_ACQUIRE);
    if (start == nullptr) continue;
    part = {start, kPieceBytes, (piece.key - 1) << kPieceShift};
    return true;
  }
  return false;
}

bool next_sparse(size_t &cursor, Part &part) noexcept {
  const Part tables[] = {{reinterpret_cast<const uint8_t *>(directory), sizeof directory, 0},
                         {reinterpret_cast<const uint8_t *>(empty_directory), sizeof empty_directory, 0},
                         {reinterpret_cast<const uint8_t *>(pieces), sizeof pieces, 0}};
  constexpr size_t kTables = sizeof tables / sizeof *tables;
  if (cursor < kTables) {
    part = tables[cursor++];
    return true;
  }
  size_t among_parts = cursor - kTables;
  const bool any = next(among_parts, part);
  cursor = among_parts + kTables;
  return any;
}

size_t resident_bytes() noexcept {
  size_t bytes = 0;
  size_t cursor = 0;
  for (Part part; next(cursor, part);) bytes += sys::resident_bytes(part.entries, part.bytes);
  return bytes;
}

void use_pieces() noexcept { __atomic_store_n(&only_pieces, true, __ATOMIC_RELAXED); }

}  // namespace heapmeter::ledger
