// SPDX-License-Identifier: MIT
#include "books/ledger.h"

#include <string.h>

#include "base/compiler.h"
#include "base/sys.h"

namespace heapmeter {

namespace ledger {

constinit uint8_t *empty_directory[kDirectorySize] HEAPMETER_APART("empty_directory") = {};

namespace {

constexpr size_t kChunkWindows = kChunkBytes / kWindowEntries;
constexpr size_t kPieceWindows = 64;

// Noted beside its window.
bool is_large(size_t size, size_t usable, bool mapped) noexcept {
  return mapped || (usable >= LargeBlock::kWindow && size > kFineLimit);
}

uintptr_t address_of(const void *block) noexcept { return reinterpret_cast<uintptr_t>(block); }

uint8_t *biased(uint8_t *chunk, uintptr_t index) noexcept {
  return reinterpret_cast<uint8_t *>(reinterpret_cast<uintptr_t>(chunk) - index * kChunkBytes);
}

constexpr size_t kHugePage = size_t{2} << 20;

// So many bytes, of which the one at `before` lies at a multiple of the alignment; null when there is no
// memory.
uint8_t *map_aligned(size_t bytes, size_t before, size_t alignment) noexcept {
  auto *all = static_cast<uint8_t *>(sys::map(bytes + alignment));
  if (all == nullptr) return nullptr;
  const size_t lead = -(reinterpret_cast<uintptr_t>(all) + before) & (alignment - 1);
  if (lead != 0) sys::unmap(all, lead);
  if (lead != alignment) sys::unmap(all + lead + bytes, alignment - lead);
  return all + lead;
}

// Entries null when there is no memory.
Part map_part(size_t windows, uintptr_t address, bool aligned) noexcept {
  Part part{nullptr, windows, address};
  const size_t before = Part::before_entries(windows), mapped = before + part.bytes() + Part::kTail;
  auto *mapping = static_cast<uint8_t *>(aligned ? map_aligned(mapped, before, kHugePage) : sys::map(mapped));
  if (mapping == nullptr) return part;
  sys::keep_out_of_core_dumps(mapping, mapped);
  sys::keep_pages_small(mapping, mapped);
  part.entries = mapping + Part::before_entries(windows);
  return part;
}

// Two threads may map the same at once: the first one wins. Whether it was this one.
bool publish(const Part &part, uint8_t **where, uint8_t *what) noexcept {
  uint8_t *none = nullptr;
  if (__atomic_compare_exchange_n(where, &none, what, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return true;
  sys::unmap(part.mapping(), part.mapped());
  return false;
}

}  // namespace

bool Place::is_forgotten() const noexcept {
  const unsigned bit = (address_ >> LargeBlock::kWindowShift) % 64;
  return (__atomic_load_n(forgotten_, __ATOMIC_RELAXED) >> bit & 1u) != 0;
}

void Place::write(size_t size, size_t usable, Family family, bool mapped) const noexcept {
  if (is_large(size, usable, mapped)) {
    large_->note(address_, size, usable, family, mapped);
  } else if (usable == 0) {
    entry::write_regular(at_, size, family);
  } else {
    entry::write_irregular(at_, size, usable, family);
  }
}

void Place::bury(const entry::Decoded &noted) const noexcept {
  if (is_large(noted.size, noted.usable, noted.mapped)) return large_->bury();
  // Of a smaller one that is sampled there is no record, whatever is known of it.
  entry::bury(at_, noted.form == entry::Form::kWide && noted.size > entry::kIrregularLimit);
}

void Place::forget_tombstone() const noexcept {
  if (large_->was_used() && is_of_large()) large_->forget();
  const bool is_none = *at_ == entry::kTombstone || *at_ == entry::kNothing;
  if (is_none && decode().form == entry::Form::kTombstone) *at_ = entry::kInNoBook;
}

void Place::leave_tombstone() const noexcept {
  const bool is_none = *at_ == entry::kInNoBook || *at_ == entry::kNothing;
  if (is_none && !decode().live()) *at_ = entry::kTombstone;
}

entry::Decoded Place::decode() const noexcept {
  const entry::Decoded in_bytes = entry::decode(at_);
  if (in_bytes.live()) return in_bytes;
  if (large_->was_used() && is_of_large()) return large_->decode();
  const bool by_window = in_bytes.form == entry::Form::kNothing && *at_ != entry::kInNoBook && is_forgotten();
  return by_window ? entry::Decoded{.form = entry::Form::kTombstone, .by_window = true} : in_bytes;
}

}  // namespace ledger

using ledger::address_of;

void Ledger::know(const Part &part) noexcept {
  const size_t at = __atomic_fetch_add(&parts_known_, 1, __ATOMIC_RELAXED);
  if (at >= kPartsKnown) return;
  parts_[at].windows = part.windows;
  parts_[at].address = part.address;
  __atomic_store_n(&parts_[at].entries, part.entries, __ATOMIC_RELEASE);
}

ledger::Part Ledger::chunk_at(uintptr_t index) const noexcept {
  uint8_t *chunk = __atomic_load_n(&directory_[index], __ATOMIC_ACQUIRE);
  if (chunk == nullptr) return {};
  return {chunk + index * ledger::kChunkBytes, ledger::kChunkWindows, index << ledger::kChunkShift};
}

ledger::Part Ledger::piece_at(uintptr_t address) const noexcept {
  // Few processes have any: the others' tables need not be read, which are pages of their own.
  if (!load_acquire(has_pieces_)) return {};
  uint8_t **table = __atomic_load_n(&tables_[address >> kTableShift], __ATOMIC_ACQUIRE);
  if (table == nullptr) return {};
  const uintptr_t piece = address >> kPieceShift;
  return {__atomic_load_n(&table[piece % kPiecesOfTable], __ATOMIC_ACQUIRE), ledger::kPieceWindows,
          piece << kPieceShift};
}

bool Ledger::map_chunk(uintptr_t index) noexcept {
  const Part chunk =
      ledger::map_part(ledger::kChunkWindows, index << ledger::kChunkShift, load_whole(aligned_));
  if (chunk.entries == nullptr) return false;
  if (ledger::publish(chunk, &directory_[index], ledger::biased(chunk.entries, index))) know(chunk);
  return true;
}

bool Ledger::map_piece(uintptr_t address) noexcept {
  constexpr size_t kTableBytes = kPiecesOfTable * sizeof(uint8_t *);
  uint8_t ***where = &tables_[address >> kTableShift];
  uint8_t **table = __atomic_load_n(where, __ATOMIC_ACQUIRE);
  if (table == nullptr) {
    auto *fresh = static_cast<uint8_t **>(sys::map(kTableBytes));
    if (fresh == nullptr) return false;
    if (__atomic_compare_exchange_n(where, &table, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
      table = fresh;
    } else {
      sys::unmap(fresh, kTableBytes);
    }
  }
  const uintptr_t number = address >> kPieceShift;
  const Part piece = ledger::map_part(ledger::kPieceWindows, number << kPieceShift, false);
  if (piece.entries == nullptr) return false;
  store_release(has_pieces_, true);
  if (ledger::publish(piece, &table[number % kPiecesOfTable], piece.entries)) know(piece);
  return true;
}

ledger::Place Ledger::find(const void *block) const noexcept {
  const uintptr_t address = address_of(block);
  const uintptr_t index = address >> ledger::kChunkShift;
  if (index >= ledger::kDirectorySize) return {};
  const Part chunk = chunk_at(index), piece = piece_at(address);
  if (piece.entries == nullptr) return chunk.entries == nullptr ? Place() : Place(chunk, address);
  // Where memory ran out for a while the entry may be in either.
  const Place in_piece(piece, address);
  if (chunk.entries == nullptr) return in_piece;
  const Place in_chunk(chunk, address);
  const bool by_piece = !in_chunk.decode().live() && in_piece.decode().form != entry::Form::kNothing;
  return by_piece ? in_piece : in_chunk;
}

ledger::Place Ledger::born(const void *block) noexcept {
  const uintptr_t address = address_of(block);
  const uintptr_t index = address >> ledger::kChunkShift;
  if (index >= ledger::kDirectorySize) return {};
  if (const Part chunk = chunk_at(index); chunk.entries != nullptr) return {chunk, address};
  if (const Part piece = piece_at(address); piece.entries != nullptr) return {piece, address};
  if (index != 0 && !load_whole(only_pieces_) && map_chunk(index)) return {chunk_at(index), address};
  return map_piece(address) ? Place(piece_at(address), address) : Place();
}

void Ledger::let_pages_be_huge(uintptr_t address, size_t bytes) const noexcept {
  const Part chunk = chunk_at(address >> ledger::kChunkShift);
  if (chunk.entries == nullptr || reinterpret_cast<uintptr_t>(chunk.entries) % ledger::kHugePage != 0) return;
  sys::let_pages_be_huge(chunk.entries + (address - chunk.address) / kGranule, bytes / kGranule);
}

void Ledger::keep_pages_small(uintptr_t address, size_t bytes) const noexcept {
  const Part chunk = chunk_at(address >> ledger::kChunkShift);
  if (chunk.entries == nullptr) return;
  sys::keep_pages_small(chunk.entries + (address - chunk.address) / kGranule, bytes / kGranule);
}

bool Ledger::next(size_t &cursor, Part &part) const noexcept {
  const size_t known = load_whole(parts_known_);
  while (cursor < known && cursor < kPartsKnown) {
    const Part &one = parts_[cursor++];
    uint8_t *entries = __atomic_load_n(&one.entries, __ATOMIC_ACQUIRE);
    if (entries == nullptr) continue;
    part = {entries, one.windows, one.address};
    return true;
  }
  return false;
}

Ledger::Memory Ledger::table(size_t which) const noexcept {
  const Memory tables[kTables] = {{parts_, sizeof parts_},
                                  {tables_, sizeof tables_},
                                  {directory_, sizeof directory_},
                                  {ledger::empty_directory, sizeof ledger::empty_directory}};
  return tables[which];
}

size_t Ledger::resident_bytes() const noexcept {
  size_t bytes = 0, cursor = 0;
  for (Part part; next(cursor, part);) bytes += sys::resident_bytes(part.mapping(), part.mapped());
  return bytes;
}

// Who is noted by bytes ends within a window's length.
ledger::Known Ledger::last_small_before(uintptr_t address) const noexcept {
  constexpr uint64_t kTombstones = entry::kTombstone * 0x0101010101010101u;
  if (address <= 2 * LargeBlock::kWindow) return {};
  const uintptr_t least = address - LargeBlock::kWindow;
  for (uintptr_t next = address - kGranule; next > least; next -= kGranule) {
    const void *start = reinterpret_cast<void *>(next);
    const Place place = find(start);
    if (!place) continue;
    if (next % (8 * kGranule) == 7 * kGranule) {
      // Eight at a time where there is nothing.
      uint64_t eight = 0;
      memcpy(&eight, place.at() - 7, sizeof eight);
      if ((eight & ~kTombstones) == 0) {
        next -= 7 * kGranule;
        continue;
      }
    }
    const entry::Decoded noted = entry::decode(place.at());
    if (noted.live()) return {next, noted};
  }
  return {};
}

ledger::Known Ledger::last_before(const void *block) const noexcept {
  const uintptr_t address = (address_of(block) + kGranule - 1) & ~uintptr_t{kGranule - 1};
  ledger::Known last = last_small_before(address);
  size_t cursor = 0;
  for (Part part; next(cursor, part);) {
    const uintptr_t first = part.address >> LargeBlock::kWindowShift;
    for (size_t window = 0; window < part.windows; ++window) {
      const LargeBlock &large = part.large()[window];
      if (!large.was_used()) continue;
      const uintptr_t start = large.start(first + window);
      const entry::Decoded noted = large.decode();
      if (noted.live() && start < address && start > last.start) last = {start, noted};
    }
  }
  return last;
}

}  // namespace heapmeter
