// SPDX-License-Identifier: MIT
#include "symbols/module_file.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "system/file_text.h"
#include "system/process.h"

namespace heapmeter::cli::symbols {
namespace {

constexpr std::string_view kDeleted = " (deleted)";
constexpr const char *kDebugRoot = "/usr/lib/debug";
constexpr std::size_t kShortestBuildId = 8, kLongestBuildId = 128;

std::string without_deleted(std::string name) {
  if (name.ends_with(kDeleted)) name.resize(name.size() - kDeleted.size());
  return name;
}

std::string directory_of(const std::string &path) { return path.substr(0, path.rfind('/') + 1); }

bool is_build_id(const std::string &text) {
  return text.size() >= kShortestBuildId && text.size() <= kLongestBuildId &&
         text.find_first_not_of("0123456789abcdef") == text.npos;
}

}  // namespace

ModuleFiles::ModuleFiles(int pid) : pid_(pid == 0 ? 0 : process::living_thread(pid)) {
  if (pid == 0) return;
  mappings_ = parse_smaps(file_text(fmt::format("/proc/{}/maps", pid_)).value_or(""));
  executable_ = process::executable(pid_);
}

// The one of code, if that can be told: others may be private copies.
const Mapping *ModuleFiles::mapping_of(const Module &module) const {
  const Mapping *found = nullptr;
  for (const Mapping &each : mappings_) {
    if (!each.of_file() || each.start < module.start || each.start >= module.end) continue;
    if (found == nullptr || (each.executable() && !found->executable())) found = &each;
  }
  return found;
}

std::optional<Place> ModuleFiles::original_of(std::uint64_t address,
                                              const std::vector<Module> &modules) const {
  const auto copy = std::find_if(mappings_.begin(), mappings_.end(), [&](const Mapping &each) {
    return each.of_file() && each.executable() && each.start <= address && address < each.end;
  });
  if (copy == mappings_.end()) return std::nullopt;
  const std::uint64_t offset = address - copy->start + copy->offset;
  for (const Mapping &each : mappings_) {
    if (each.name != copy->name || each.offset > offset || offset - each.offset >= each.bytes()) continue;
    for (std::size_t number = 0; number < modules.size(); ++number) {
      const Module &module = modules[number];
      if (each.start >= module.start && each.start < module.end)
        return Place{static_cast<int>(number), each.start + (offset - each.offset) - module.bias};
    }
  }
  return std::nullopt;
}

std::optional<ForeignFile> ModuleFiles::in_root(const std::string &path) const {
  ForeignFile file = pid_ == 0 ? ForeignFile::found(path) : ForeignFile::of_process(pid_, path);
  return file ? std::optional<ForeignFile>(std::move(file)) : std::nullopt;
}

ForeignFile ModuleFiles::whole(const Module &module) const {
  if (pid_ == 0) return ForeignFile::named(module.path);
  const Mapping *mapping = mapping_of(module);
  if (mapping != nullptr) {
    const std::string path = without_deleted(mapping->name);
    ForeignFile file = ForeignFile::mapped(pid_, mapping->start, mapping->end, path);
    const bool gone = mapping->name.ends_with(kDeleted);
    if (file && !gone) return file;
    // The one link to a file without a name that its user may follow, too.
    if (without_deleted(executable_) == path) {
      ForeignFile itself = ForeignFile::named(fmt::format("/proc/{}/exe", pid_));
      if (itself) return itself;
    }
    if (file) return file;
  }
  return ForeignFile::of_process(pid_, module.path);
}

std::optional<ForeignFile> ModuleFiles::debug_file(const Module &module) const {
  if (!is_build_id(module.build_id)) return std::nullopt;
  return in_root(fmt::format("{}/.build-id/{}/{}.debug", kDebugRoot, module.build_id.substr(0, 2),
                             module.build_id.substr(2)));
}

std::optional<ForeignFile> ModuleFiles::linked_debug_file(const Module &module,
                                                          const std::string &link) const {
  if (link.empty() || link.find('/') != link.npos) return std::nullopt;
  const Mapping *mapping = mapping_of(module);
  const std::string directory = directory_of(mapping != nullptr ? mapping->name : module.path);
  if (!directory.starts_with('/')) return std::nullopt;
  for (const std::string &path :
       {directory + ".debug/" + link, directory + link, kDebugRoot + directory + link}) {
    if (auto file = in_root(path)) return file;
  }
  return std::nullopt;
}

}  // namespace heapmeter::cli::symbols
