// SPDX-License-Identifier: MIT
#include "symbols/jit_map.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <errno.h>

#include <fmt/format.h>

#include "symbols/frame.h"
#include "system/foreign_file.h"
#include "system/process.h"

namespace heapmeter::cli::symbols {
namespace {

constexpr std::uint64_t kMostBytes = 128u << 20;
constexpr std::size_t kMostFunctions = 1u << 20;

// A number of sixteens and the blank behind it.
std::optional<std::uint64_t> take_number(std::string_view &line) {
  if (line.starts_with("0x")) line.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number, 16);
  if (error != std::errc()) return std::nullopt;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  if (!line.starts_with(' ')) return std::nullopt;
  line.remove_prefix(1);
  return number;
}

}  // namespace

JitMap JitMap::of_process(int pid, std::string &hindrance) {
  const std::string path = fmt::format("/tmp/perf-{}.map", process::innermost_pid(pid));
  const ForeignFile file = ForeignFile::of_process(pid, path);
  if (file.is_no_file() || file.error() == ELOOP) {
    hindrance = path + " is no regular file";
  } else if (!file && file.error() != ENOENT) {
    hindrance = path + " could not be opened";
  } else if (file && file.owner() != 0 && !process::has_user(pid, file.owner())) {
    hindrance = fmt::format("{} belongs to {}, who is neither the process's user nor root", path,
                            process::user_name(file.owner()));
  } else if (file) {
    if (const auto text = file.text(kMostBytes)) return parse(*text);
    hindrance = fmt::format("{} has more than {} MiB, or could not be read", path, kMostBytes >> 20);
  }
  return {};
}

JitMap JitMap::parse(std::string_view text) {
  JitMap map;
  while (!text.empty() && map.codes_.size() < kMostFunctions) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto start = take_number(line);
    const auto size = start ? take_number(line) : std::nullopt;
    if (size && *size != 0 && *size <= UINT64_MAX - *start && !line.empty())
      map.add(*start, *start + *size, line.substr(0, kLongestText));
  }
  return map;
}

void JitMap::add(std::uint64_t start, std::uint64_t end, std::string_view name) {
  auto each = codes_.lower_bound(start);
  if (each != codes_.begin()) {
    const auto before = std::prev(each);
    if (before->second.end > end) codes_.emplace(end, before->second);
    if (before->second.end > start) before->second.end = start;
  }
  while (each != codes_.end() && each->first < end) {
    if (each->second.end > end) codes_.emplace(end, each->second);
    each = codes_.erase(each);
  }
  codes_.insert_or_assign(start, Code{end, std::string(name)});
}

std::string JitMap::name(std::uint64_t address) const {
  const auto next = codes_.upper_bound(address);
  if (next == codes_.begin()) return "";
  const auto &code = std::prev(next)->second;
  return address < code.end ? code.name : "";
}

}  // namespace heapmeter::cli::symbols
