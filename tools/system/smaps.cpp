// SPDX-License-Identifier: MIT
#include "system/smaps.h"

#include <algorithm>
#include <charconv>

namespace heapmeter::cli {
namespace {

bool take_number(std::string_view &text, std::uint64_t &number, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

std::string_view take_word(std::string_view &text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

// "7f0e32556000-7f0e32557000 rw-p 00000000 fe:00 123    /path with blanks"
bool is_head(std::string_view line, Mapping &mapping) {
  if (!take_number(line, mapping.start, 16) || !line.starts_with('-')) return false;
  line.remove_prefix(1);
  if (!take_number(line, mapping.end, 16) || !line.starts_with(' ')) return false;
  mapping.permissions = take_word(line);
  std::string_view offset = take_word(line);
  take_number(offset, mapping.offset, 16);
  for (int skipped = 0; skipped < 2; ++skipped) take_word(line);  // device, inode
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  mapping.name = line;
  return true;
}

// "VmFlags: rd wr mr mw me ht"
void read_flags(std::string_view line, Mapping &mapping) {
  while (!line.empty()) {
    const std::string_view flag = take_word(line);
    if (flag == "ht") mapping.of_huge_pages = true;
    if (flag == "nh") mapping.without_huge_pages = true;
  }
}

// "Rss:     124 kB"
void read_amount(std::string_view line, Mapping &mapping) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return;
  const std::string_view key = line.substr(0, colon);
  line.remove_prefix(colon + 1);
  if (key == "VmFlags") return read_flags(line, mapping);
  std::string_view word = take_word(line);
  std::uint64_t kilobytes = 0;
  if (!take_number(word, kilobytes, 10)) return;
  if (key == "Rss") mapping.resident_bytes = kilobytes * 1024;
  if (key == "Swap") mapping.swap_bytes = kilobytes * 1024;
  if (key == "AnonHugePages") mapping.transparent_huge_bytes = kilobytes * 1024;
  if (key == "Private_Hugetlb" || key == "Shared_Hugetlb") mapping.huge_page_bytes += kilobytes * 1024;
}

}  // namespace

std::vector<Mapping> parse_smaps(std::string_view text) {
  std::vector<Mapping> mappings;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    Mapping mapping;
    if (is_head(line, mapping)) {
      mappings.push_back(std::move(mapping));
    } else if (!mappings.empty()) {
      read_amount(line, mappings.back());
    }
  }
  return mappings;
}

}  // namespace heapmeter::cli
