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
#include "service/pages/who.h"

namespace heapmeter::account {
namespace {

size_t entries_of_heap_page() noexcept { return sys::page_bytes() / kGranule; }

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

OwnMapping own_mapping(uintptr_t start, const entry::Decoded &noted) noexcept {
  if (noted.mapped) return {start, sys::whole_pages(start + noted.usable)};
  const size_t header = backend::header_of_mapping();
  const bool fits = header != 0 && start % sys::page_bytes() == header &&
                    noted.usable > sys::page_bytes() / 2 && (noted.usable + header) % sys::page_bytes() == 0;
  return fits ? OwnMapping{start - header, start + noted.usable} : OwnMapping{};
}

// Whether anything but such a block is, or was, in this page of heap: its entry, or what is left of it, takes
// the first bytes.
bool has_others(const uint8_t *entries, uintptr_t heap_page) noexcept {
  constexpr size_t kOwn = 32;
  uint64_t seen = 0, word = 0;
  for (size_t at = kOwn; at < entries_of_heap_page(); at += sizeof word) {
    memcpy(&word, entries + at, sizeof word);
    seen |= word;
  }
  if (seen != 0) return true;
  if (entry::decode(entries).live()) return true;
  const entry::Decoded second = entry::decode(entries + 1);
  return second.live() && own_mapping(heap_page + kGranule, second).end == 0;
}

// From the first page of heap that shows a block to the end of the last: no further, for a neighbour's
// mapping may begin there.
void add_around_blocks(const uint8_t *page, uintptr_t address, Ranges &ranges) noexcept {
  uintptr_t start = 0, end = 0;
  for (size_t at = 0; at < ledger::kWindowEntries; at += entries_of_heap_page()) {
    const uintptr_t heap_page = address + at * kGranule;
    if (!has_others(page + at, heap_page)) continue;
    if (start == 0) start = heap_page;
    end = heap_page + sys::page_bytes();
  }
  if (end != 0) ranges.add(start, end);
}

// glibc's that are too small to be noted as large ones.
void add_blocks(const uint8_t *page, uintptr_t address, Ranges &ranges) noexcept {
  for (size_t at = 0; at < ledger::kWindowEntries; at += entries_of_heap_page()) {
    const entry::Decoded noted = entry::decode(page + at + 1);
    if (noted.form != entry::Form::kWide) continue;
    const OwnMapping mapping = own_mapping(address + at * kGranule + kGranule, noted);
    if (mapping.end != 0) ranges.add(mapping.start, mapping.end);
  }
}

void add_large(const LargeBlock &large, uintptr_t window, bool own, Ranges &ranges) noexcept {
  const entry::Decoded noted = large.decode();
  if (!noted.live()) return;
  const uintptr_t start = large.start(window);
  const OwnMapping mapping = own_mapping(start, noted);
  if (own && mapping.end != 0) ranges.add(mapping.start, mapping.end);
  if (own || mapping.end != 0) return;
  ranges.add(sys::page_of(start), sys::whole_pages(start + noted.usable));
}

// What was written of what a part says of some windows.
struct Written {
  bool large, forgotten;
};

// `page` is null where none was written.
void look_at(const ledger::Part &part, size_t window, const uint8_t *page, Written written, bool own,
             Ranges &ranges) noexcept {
  const uintptr_t address = part.address + window * LargeBlock::kWindow;
  const size_t neighbourhood = backend::neighbourhood_bytes(address);
  const LargeBlock unused{};
  const LargeBlock &large = written.large ? part.large()[window] : unused;
  if (neighbourhood != 0) {
    const uintptr_t start = address & ~(neighbourhood - 1);
    const bool used = page != nullptr || large.was_used() || (written.forgotten && part.is_forgotten(window));
    if (!own && used) ranges.add(start, start + neighbourhood);
    return;
  }
  if (page != nullptr && own) add_blocks(page, address, ranges);
  if (page != nullptr && !own) {
    backend::has_windows() ? ranges.add(address, address + LargeBlock::kWindow)
                           : add_around_blocks(page, address, ranges);
  }
  add_large(large, address >> LargeBlock::kWindowShift, own, ranges);
}

bool was_written(const void *start, WrittenPages &pages) noexcept {
  const auto *page = reinterpret_cast<const uint8_t *>(sys::page_of(reinterpret_cast<uintptr_t>(start)));
  return pages.look(page, 1) && pages.written(0);
}

void look_at_part(const ledger::Part &part, bool own, WrittenPages &pages, Ranges &ranges) noexcept {
  // The others are not looked at: reading would make them ours.
  for (size_t done = 0; done < part.windows; done += WrittenPages::kAtOnce) {
    const size_t left = part.windows - done;
    const size_t some = left < WrittenPages::kAtOnce ? left : WrittenPages::kAtOnce;
    const Written also{was_written(&part.large()[done], pages),
                       was_written(&part.forgotten()[done / 64], pages)};
    const uint8_t *entries = part.entries + done * ledger::kWindowEntries;
    const auto first = reinterpret_cast<uintptr_t>(entries);
    const uintptr_t first_page = sys::page_of(first);
    const auto page = [first, first_page](size_t at) {
      return (first + at * ledger::kWindowEntries - first_page) / sys::page_bytes();
    };
    const bool known = pages.look(reinterpret_cast<const uint8_t *>(first_page), page(some - 1) + 1);
    for (size_t at = 0; at < some; ++at) {
      const size_t window = done + at;
      const bool written = known && pages.written(page(at));
      look_at(part, window, written ? entries + at * ledger::kWindowEntries : nullptr, also, own, ranges);
    }
  }
}

void add_heap(TextBuffer &out, const char *name, bool own, WrittenPages &pages) noexcept {
  out.open_field(name, "[");
  Ranges ranges(out);
  size_t cursor = 0;
  for (ledger::Part part; the_ledger.next(cursor, part);) look_at_part(part, own, pages, ranges);
  ranges.flush();
  out.close("]");
}

void add_mapping(TextBuffer &out, const own_memory::Mapping &mapping) noexcept {
  const auto start = reinterpret_cast<uintptr_t>(mapping.start);
  out.open("{");
  out.field("part", own_memory::name(mapping.part));
  out.field("start", start);
  out.field("end", sys::whole_pages(start + mapping.bytes));
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
  pages::add_backend(out);
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
  for (own_memory::Mapping mapping; own_memory::next(cursor, mapping);) {
    if (mapping.counted()) add_mapping(out, mapping);
  }
  out.close("]");
  out.close("}");
}

}  // namespace heapmeter::account
