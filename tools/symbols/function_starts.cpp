// SPDX-License-Identifier: MIT
#include "symbols/function_starts.h"

#include <algorithm>

#include <dwarf.h>
#include <gelf.h>
#include <string.h>

namespace heapmeter::cli::symbols {
namespace {

// The one form that linkers write: .eh_frame_hdr of four bytes of head, four that lead to .eh_frame, four
// that count, and a sorted table.
constexpr unsigned char kVersion = 1;
constexpr std::size_t kHead = 12, kEntry = 8;
// Of a description: its length, which rules it begins with, where its function starts, and how long that is.
constexpr std::size_t kStartField = 8, kDescription = 16;
constexpr std::uint32_t kLongForm = 0xffffffff;

template <typename Number>
Number number_at(const unsigned char *bytes) {
  Number number;
  memcpy(&number, bytes, sizeof number);
  return number;
}

std::uint64_t ahead(std::uint64_t from, const unsigned char *difference) {
  return from + static_cast<std::uint64_t>(std::int64_t{number_at<std::int32_t>(difference)});
}

}  // namespace

FunctionStarts::FunctionStarts(Elf *elf) : elf_(elf) {
  std::size_t headers = 0;
  if (elf_getphdrnum(elf, &headers) != 0) return;
  for (std::size_t each = 0; each < headers; ++each) {
    GElf_Phdr header;
    if (gelf_getphdr(elf, static_cast<int>(each), &header) == nullptr || header.p_type != PT_GNU_EH_FRAME)
      continue;
    Elf_Data *data =
        elf_getdata_rawchunk(elf, static_cast<std::int64_t>(header.p_offset), header.p_filesz, ELF_T_BYTE);
    if (data == nullptr || data->d_size < kHead) return;
    const auto *bytes = static_cast<const unsigned char *>(data->d_buf);
    if (bytes[0] != kVersion || (bytes[1] & 15) != DW_EH_PE_sdata4 || bytes[2] != DW_EH_PE_udata4 ||
        bytes[3] != (DW_EH_PE_datarel | DW_EH_PE_sdata4))
      return;
    start_ = header.p_vaddr;
    entries_ = bytes + kHead;
    count_ = std::min<std::size_t>(number_at<std::uint32_t>(bytes + 8), (data->d_size - kHead) / kEntry);
    return;
  }
}

const unsigned char *FunctionStarts::bytes_at(std::uint64_t address, std::size_t count) const {
  std::size_t headers = 0;
  if (elf_getphdrnum(elf_, &headers) != 0) return nullptr;
  for (std::size_t each = 0; each < headers; ++each) {
    GElf_Phdr header;
    if (gelf_getphdr(elf_, static_cast<int>(each), &header) == nullptr || header.p_type != PT_LOAD) continue;
    const std::uint64_t within = address - header.p_vaddr;
    if (within >= header.p_filesz || header.p_filesz - within < count) continue;
    const Elf_Data *data =
        elf_getdata_rawchunk(elf_, static_cast<std::int64_t>(header.p_offset + within), count, ELF_T_BYTE);
    return data == nullptr || data->d_size < count ? nullptr
                                                   : static_cast<const unsigned char *>(data->d_buf);
  }
  return nullptr;
}

std::uint64_t FunctionStarts::entry(std::size_t number, int field) const {
  return ahead(start_, entries_ + number * kEntry + static_cast<std::size_t>(field) * 4);
}

std::uint64_t FunctionStarts::of(std::uint64_t address) const {
  std::size_t first = 0, count = count_;
  while (count > 0) {
    const std::size_t half = count / 2;
    if (entry(first + half, 0) <= address) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  if (first == 0) return 0;
  const std::uint64_t start = entry(first - 1, 0), description = entry(first - 1, 1);
  const unsigned char *bytes = bytes_at(description, kDescription);
  if (bytes == nullptr || number_at<std::uint32_t>(bytes) == kLongForm) return 0;
  // In another form than the usual one it would start elsewhere.
  if (ahead(description + kStartField, bytes + kStartField) != start) return 0;
  return address - start < number_at<std::uint32_t>(bytes + kStartField + 4) ? start : 0;
}

}  // namespace heapmeter::cli::symbols
