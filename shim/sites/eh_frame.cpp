// SPDX-License-Identifier: MIT
#include "sites/eh_frame.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

// glibc has it since 2.35. Elsewhere no stack is longer than frame pointers reach.
#pragma weak _dl_find_object

namespace heapmeter::sites {
namespace {

constexpr FrameEntry kNo{};
constexpr FrameEntry odd() noexcept {
  FrameEntry entry;
  entry.found = FrameEntry::Found::kOdd;
  return entry;
}
constexpr FrameEntry kOdd = odd();

struct Bounds {
  const uint8_t *low, *high;
};

constexpr Bounds kNowhere{nullptr, nullptr};

struct Segments {
  const ElfW(Phdr) *first = nullptr;
  size_t count = 0;
  uintptr_t bias = 0;

  Bounds around(const uint8_t *place, uint32_t rights = 0) const noexcept {
    for (size_t i = 0; i < count; ++i) {
      if ((first[i].p_flags & rights) != rights) continue;
      const auto *low = reinterpret_cast<const uint8_t *>(bias + first[i].p_vaddr);
      const uint8_t *high = low + first[i].p_filesz;
      if (first[i].p_type == PT_LOAD && low <= place && place < high) return {low, high};
    }
    return kNowhere;
  }
};

// As the object's own header tells, if it begins with it: what is not in one piece is known by its text
// alone.
Segments segments_of(const dl_find_object &object, uintptr_t bias) noexcept {
  constexpr size_t kPage = 4096;  // so much of the beginning is certainly there
  const auto *start = static_cast<const uint8_t *>(object.dlfo_map_start);
  const auto *header = reinterpret_cast<const ElfW(Ehdr) *>(start);
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_phentsize != sizeof(ElfW(Phdr))) return {};
  if (header->e_phoff > kPage || header->e_phnum > (kPage - header->e_phoff) / sizeof(ElfW(Phdr))) return {};
  return {reinterpret_cast<const ElfW(Phdr) *>(start + header->e_phoff), header->e_phnum, bias};
}

// As the kernel has told it.
Segments segments_of_program(uintptr_t bias) noexcept {
  const Segments program{reinterpret_cast<const ElfW(Phdr) *>(getauxval(AT_PHDR)), getauxval(AT_PHNUM), bias};
  const auto itself = reinterpret_cast<uintptr_t>(program.first);
  for (size_t i = 0; i < program.count; ++i) {
    if (program.first[i].p_type == PT_PHDR && bias + program.first[i].p_vaddr == itself) return program;
  }
  return {};
}

// The object's segment that holds this place, with these rights.
Bounds segment_around(const dl_find_object &object, const void *place, uint32_t rights = 0) noexcept {
  const auto *at = static_cast<const uint8_t *>(place);
  const uintptr_t bias = object.dlfo_link_map != nullptr ? object.dlfo_link_map->l_addr : 0;
  const Bounds own = segments_of(object, bias).around(at, rights);
  return own.low != nullptr ? own : segments_of_program(bias).around(at, rights);
}

FrameEntry silent_or_none(const dl_find_object &object, uintptr_t pc) noexcept {
  FrameEntry entry;
  if (segment_around(object, reinterpret_cast<void *>(pc), PF_X).low != nullptr)
    entry.found = FrameEntry::Found::kSilent;
  return entry;
}

// The last entry that does not begin behind the address; nullptr when there is none.
const uint8_t *last_not_behind(const uint8_t *table, CfiReader rows, uint32_t count, uintptr_t pc) noexcept {
  struct Row {
    int32_t start, entry;
  };
  if (count > static_cast<size_t>(rows.end() - rows.at()) / sizeof(Row)) return nullptr;
  const auto away = static_cast<int64_t>(pc - reinterpret_cast<uintptr_t>(table));
  uint32_t low = 0, high = count;
  Row row;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    memcpy(&row, rows.at() + middle * sizeof row, sizeof row);
    if (row.start <= away) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == 0) return nullptr;
  memcpy(&row, rows.at() + (low - 1) * sizeof row, sizeof row);
  return table + row.entry;
}

// What follows the augmentation's letters; false when one is not known.
bool read_augmentation(CfiReader &common, const char *letters, FrameEntry &entry) noexcept {
  CfiReader data = common.part(common.uleb());
  for (const char *letter = letters; *letter != '\0'; ++letter) {
    switch (*letter) {
      case 'R':
        entry.encoding = data.byte();
        break;
      case 'L':
        data.byte();
        break;
      case 'P': {
        constexpr uint8_t kThroughPointer = 0x80;
        const uint8_t encoding = data.byte();
        data.encoded(encoding & static_cast<uint8_t>(~kThroughPointer));
        break;
      }
      case 'S':
        entry.is_signal_frame = true;
        break;
      default:
        return false;
    }
  }
  return data.ok();
}

// An entry's length, and what it covers.
CfiReader body_at(const uint8_t *at, const uint8_t *high) noexcept {
  CfiReader reader(at, high);
  const auto bytes = reader.fixed<uint32_t>();
  constexpr uint32_t kLong = 0xffffffff;
  return bytes == kLong ? CfiReader(high, high) : reader.part(bytes);
}

bool read_common(CfiReader common, FrameEntry &entry, bool &augmented) noexcept {
  if (common.fixed<uint32_t>() != 0) return false;  // a function's entry, not a common one
  const uint8_t version = common.byte();
  const auto *letters = reinterpret_cast<const char *>(common.at());
  while (common.byte() != 0) {
  }
  if (!common.ok() || (version != 1 && version != 3)) return false;
  entry.code_factor = common.uleb();
  entry.data_factor = common.sleb();
  if (version == 1) {
    common.byte();
  } else {
    common.uleb();
  }
  augmented = letters[0] == 'z';
  if (!augmented && letters[0] != '\0') return false;
  if (augmented && !read_augmentation(common, letters + 1, entry)) return false;
  entry.common = common;
  return common.ok();
}

}  // namespace

FrameEntry frame_entry_in(const uint8_t *table, const uint8_t *low, const uint8_t *high,
                          uintptr_t pc) noexcept {
  CfiReader head(table, high);
  const auto version = head.byte(), pointer = head.byte(), number = head.byte(), rows = head.byte();
  constexpr uint8_t kUdata4 = 0x03, kSortedPairs = 0x3b;
  if (version != 1 || number != kUdata4 || rows != kSortedPairs) return kOdd;
  head.encoded(pointer);
  const auto count = head.fixed<uint32_t>();
  if (!head.ok()) return kOdd;
  const uint8_t *at = last_not_behind(table, head, count, pc);
  if (at == nullptr) return kNo;
  if (at < low || at >= high) return kOdd;

  CfiReader own = body_at(at, high);
  const uint8_t *const from = own.at();
  const auto back = own.fixed<uint32_t>();
  if (!own.ok() || back == 0 || back > static_cast<size_t>(from - low)) return kOdd;
  FrameEntry entry;
  bool augmented = false;
  if (!read_common(body_at(from - back, high), entry, augmented)) return kOdd;
  entry.start = own.encoded(entry.encoding);
  const uint64_t bytes = own.encoded(entry.encoding & 0x0f);
  if (augmented) own.skip(own.uleb());
  if (!own.ok()) return kOdd;
  if (pc - entry.start >= bytes) return kNo;
  entry.own = own;
  entry.found = FrameEntry::Found::kYes;
  return entry;
}

FrameEntry frame_entry_of(uintptr_t pc) noexcept {
  dl_find_object object;
  if (_dl_find_object == nullptr || _dl_find_object(reinterpret_cast<void *>(pc), &object) != 0) return kNo;
  if (object.dlfo_eh_frame == nullptr) return silent_or_none(object, pc);
  const Bounds bounds = segment_around(object, object.dlfo_eh_frame);
  if (bounds.low == nullptr) return kOdd;
  const FrameEntry entry =
      frame_entry_in(static_cast<const uint8_t *>(object.dlfo_eh_frame), bounds.low, bounds.high, pc);
  return entry.found == FrameEntry::Found::kNo ? silent_or_none(object, pc) : entry;
}

}  // namespace heapmeter::sites
