// SPDX-License-Identifier: MIT
#include "service/pages/account.h"

#include <string.h>

#include "backend/allocator.h"
#include "base/identity.h"
#include "base/sys.h"
#include "base/written_pages.h"
#include "books/entry.h"
#include "books/ledger.h"
#include "books/own_memory.h"
#include "books/snapshot.h"

namespace heapmeter::account {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kEntriesOfHeapPage = kPage / kGranule;

// Neighbouring pieces as one.
class Ranges {
 public:
  explicit Ranges(TextBuffer &out) noexcept : out_(out) {}
  void add(uintptr_t start, uintptr_t end) noexcept {
    if (start < start_ || start > end_ || end_ == 0) {
      flush();
      start_ = start;
      end_ = end;
    } else if (end > end_) {
      end_ = end;
    }
  }
  void flush() noexcept {
    if (end_ != 0) {
      out_.open("[");
      out_.open("");
      out_.add(uint64_t{start_});
      out_.close("");
      out_.open("");
      out_.add(uint64_t{end_});
      out_.close("]");
    }
    start_ = end_ = 0;
  }

 private:
  TextBuffer &out_;
  uintptr_t start_ = 0, end_ = 0;
};

// A block that is alone in its mapping: those of mapped_heap begin with it, glibc's 16 bytes later.
struct OwnMapping {
  uintptr_t start = 0, end = 0;
};

OwnMapping own_mapping(const uint8_t *entries, uintptr_t heap_page) noexcept {
  if (entry::is_wide_record(entries)) {
    const entry::Decoded first = entry::decode(entries);
    if (first.mapped) return {heap_page, heap_page + (first.usable + kPage - 1) / kPage * kPage};
  }
  if (backend::next == nullptr || !entry::is_wide_record(entries + 1)) return {};
  const entry::Decoded noted = entry::decode(entries + 1);
  const bool fits = noted.usable > kPage / 2 && (noted.usable + kGranule) % kPage == 0;
  return fits ? OwnMapping{heap_page, heap_page + noted.usable + kGranule} : OwnMapping{};
}

// Whether anything but such a block is, or was, in this page of heap: its entry, or what is left of it, takes
// the first bytes.
bool has_others(const uint8_t *entries) noexcept {
  constexpr size_t kOwn = 32;
  uint64_t seen = 0, word = 0;
  for (size_t at = kOwn; at < kEntriesOfHeapPage; at += sizeof word) {
    memcpy(&word, entries + at, sizeof word);
    seen |= word;
  }
  if (seen != 0) return true;
  const entry::Decoded first = entry::decode(entries);
  return first.live() && !(first.mapped && entry::is_wide_record(entries));
}

// From the first page of heap that shows a block to the end of the last: no further, for a neighbour's
// mapping may begin there.
void add_around_blocks(const uint8_t *page, uintptr_t address, Ranges &ranges) noexcept {
  uintptr_t start = 0, end = 0;
  for (size_t at = 0; at < kPage; at += kEntriesOfHeapPage) {
    if (!has_others(page + at)) continue;
    const uintptr_t heap_page = address + at * kGranule;
    if (start == 0) start = heap_page;
    end = heap_page + kPage;
  }
  if (end != 0) ranges.add(start, end);
}

void add_blocks(const uint8_t *page, uintptr_t address, Ranges &ranges) noexcept {
  for (size_t at = 0; at < kPage; at += kEntriesOfHeapPage) {
    const OwnMapping mapping = own_mapping(page + at, address + at * kGranule);
    if (mapping.end != 0) ranges.add(mapping.start, mapping.end);
  }
}

void look_at(const uint8_t *page, uintptr_t address, bool own, Ranges &ranges) noexcept {
  const size_t neighbourhood = backend::neighbourhood_bytes(address);
  if (neighbourhood != 0) {
    const uintptr_t start = address & ~(neighbourhood - 1);
    if (!own) ranges.add(start, start + neighbourhood);
  } else if (own) {
    add_blocks(page, address, ranges);
  } else {
    add_around_blocks(page, address, ranges);
  }
}

void look_at_part(const ledger::Part &part, bool own, WrittenPages &pages, Ranges &ranges) noexcept {
  // The others are not looked at: reading would make them ours.
  const size_t count = part.bytes / kPage;
  for (size_t done = 0; done < count; done += WrittenPages::kAtOnce) {
    const size_t some = count - done < WrittenPages::kAtOnce ? count - done : WrittenPages::kAtOnce;
    if (!pages.look(part.entries + done * kPage, some)) continue;
    for (size_t page = 0; page < some; ++page) {
      if (!pages.written(page)) continue;
      const size_t offset = (done + page) * kPage;
      look_at(part.entries + offset, part.address + offset * kGranule, own, ranges);
    }
  }
}

void add_heap(TextBuffer &out, const char *name, bool own, WrittenPages &pages) noexcept {
  out.open_field(name, "[");
  Ranges ranges(out);
  size_t cursor = 0;
  for (ledger::Part part; ledger::next(cursor, part);) look_at_part(part, own, pages, ranges);
  ranges.flush();
  out.close("]");
}

void add_mapping(TextBuffer &out, const own_memory::Mapping &mapping) noexcept {
  const auto start = reinterpret_cast<uintptr_t>(mapping.start);
  out.open("{");
  out.field("part", own_memory::name(mapping.part));
  out.field("start", start);
  out.field("end", start + (mapping.bytes + kPage - 1) / kPage * kPage);
  out.field("resident_bytes", own_memory::resident_bytes(mapping));
  out.close("}");
}

}  // namespace

void write(TextBuffer &out) noexcept {
  heapmeter_snapshot now;
  const Identity who = identify();
  snapshot::take(now);
  out.open("{");
  out.field("pid", static_cast<uint64_t>(who.pid));
  out.field("start_time", who.start_time);
  out.field("name", who.name);
  out.field("backend", backend::name());
  out.field("live_bytes", now.live_bytes);
  out.field("live_blocks", now.live_blocks);
  out.field("usable_bytes", now.usable_bytes);
  {
    WrittenPages pages;
    add_heap(out, "heap", false, pages);
    add_heap(out, "heap_blocks", true, pages);
  }
  out.open_field("meter", "[");
  size_t cursor = 0;
  for (own_memory::Mapping mapping; own_memory::next(cursor, mapping);) add_mapping(out, mapping);
  out.close("]");
  out.close("}");
}

}  // namespace heapmeter::account
