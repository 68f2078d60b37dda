// SPDX-License-Identifier: MIT
#include "elf_segments.h"

#include <cstring>
#include <fstream>

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

namespace heapmeter::cli {
namespace {

constexpr std::uint16_t kMostHeaders = 256;

std::uint64_t page_of(std::uint64_t address) {
  return address & ~(static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) - 1);
}

std::uint64_t whole_pages(std::uint64_t address) {
  return page_of(address + static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) - 1);
}

bool is_readable(const Elf64_Ehdr &head) {
  constexpr unsigned char kOurs = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
  return memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 && head.e_ident[EI_CLASS] == ELFCLASS64 &&
         head.e_ident[EI_DATA] == kOurs && head.e_phentsize == sizeof(Elf64_Phdr) &&
         head.e_phnum <= kMostHeaders;
}

}  // namespace

std::vector<ElfSegment> read_segments(const std::string &path) {
  // A pipe or a device would be waited for.
  struct stat found {};
  if (stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return {};
  std::ifstream file(path, std::ios::binary);
  Elf64_Ehdr head{};
  if (!file.read(reinterpret_cast<char *>(&head), sizeof head) || !is_readable(head)) return {};
  std::vector<ElfSegment> segments;
  file.seekg(static_cast<std::streamoff>(head.e_phoff));
  Elf64_Phdr each{};
  for (int left = head.e_phnum; left > 0 && file.read(reinterpret_cast<char *>(&each), sizeof each); --left) {
    if (each.p_type == PT_LOAD)
      segments.push_back({each.p_offset, each.p_vaddr, each.p_filesz, each.p_memsz});
  }
  return segments;
}

std::optional<std::uint64_t> data_end(const std::vector<ElfSegment> &segments, std::uint64_t start,
                                      std::uint64_t offset) {
  for (const ElfSegment &each : segments) {
    if (offset < page_of(each.offset) || offset >= each.offset + each.file_bytes) continue;
    // Neighbouring segments may share a page of the file; the one with data behind it is meant.
    if (each.memory_bytes <= each.file_bytes) continue;
    const std::uint64_t segment = start - (offset - page_of(each.offset));
    return whole_pages(segment + (each.address - page_of(each.address)) + each.memory_bytes);
  }
  return std::nullopt;
}

}  // namespace heapmeter::cli
