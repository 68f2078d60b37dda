// SPDX-License-Identifier: MIT
#include "lost/data_names.h"

#include <algorithm>
#include <sstream>

#include <elf.h>
#include <string.h>
#include <unistd.h>

#include <fmt/format.h>

#include "system/file_text.h"
#include "system/foreign_file.h"

namespace heapmeter::cli::lost {
namespace {

// A program that lies where its file says has no bias.
bool is_fixed(int pid, const std::string &path) {
  const ForeignFile file = ForeignFile::of_process(pid, path);
  Elf64_Ehdr header{};
  return file && pread(file.fd(), &header, sizeof header, 0) == sizeof header &&
         memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_type == ET_EXEC;
}

// As the kernel has them mapped: each file from its first mapping to its last, and what follows that in
// no file (.bss).
std::vector<symbols::Module> mapped_modules(int pid) {
  std::vector<symbols::Module> found;
  std::istringstream lines(file_text(fmt::format("/proc/{}/maps", pid)).value_or(""));
  bool behind_a_file = false;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string range, rights, offset, device, inode, path;
    words >> range >> rights >> offset >> device >> inode >> std::ws;
    std::getline(words, path);
    const auto dash = range.find('-');
    if (dash == std::string::npos) continue;
    const std::uint64_t start = std::stoull(range.substr(0, dash), nullptr, 16);
    const std::uint64_t end = std::stoull(range.substr(dash + 1), nullptr, 16);
    const bool of_a_file = path.starts_with('/');
    if (of_a_file && (found.empty() || found.back().path != path)) {
      found.push_back({path, "", start, end, is_fixed(pid, path) ? 0 : start});
    } else if (!found.empty() &&
               (of_a_file || (behind_a_file && path.empty() && found.back().end == start))) {
      found.back().end = end;
    }
    behind_a_file = of_a_file;
  }
  return found;
}

}  // namespace

DataNames::DataNames(int pid, const std::vector<std::uint64_t> &addresses)
    : modules_(mapped_modules(pid)), namer_(pid, modules_) {
  std::vector<symbols::Place> places;
  for (const std::uint64_t address : addresses) {
    const At at = place(address);
    if (at.module >= 0) places.push_back({at.module, at.offset});
  }
  namer_.prepare(places);
}

DataNames::At DataNames::place(std::uint64_t address) const {
  const auto found = std::find_if(modules_.begin(), modules_.end(), [&](const symbols::Module &each) {
    return address >= each.start && address < each.end;
  });
  if (found == modules_.end()) return {-1, 0};
  return {static_cast<int>(found - modules_.begin()), address - found->bias + 1};
}

std::string DataNames::name(std::uint64_t address) {
  const At at = place(address);
  if (at.module < 0) return "";
  const std::vector<symbols::Frame> frames = namer_.name(at.module, at.offset);
  const std::string &path = modules_.at(static_cast<std::size_t>(at.module)).path;
  const std::string file = path.substr(path.rfind('/') + 1);
  const std::string &name = frames.front().function;
  return name.empty() ? fmt::format("{}+{:#x}", file, at.offset - 1) : fmt::format("{} ({})", name, file);
}

}  // namespace heapmeter::cli::lost
