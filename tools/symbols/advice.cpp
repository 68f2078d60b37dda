// SPDX-License-Identifier: MIT
#include "symbols/advice.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "symbols/package.h"

namespace heapmeter::cli::symbols {
namespace {

constexpr std::size_t kMostNamed = 4;

const char *sentence(Hindrance hindrance) {
  switch (hindrance) {
    case Hindrance::kNotRead:
      return "no names for {}: its file cannot be read";
    case Hindrance::kNoElf:
      return "no names for {}: it is no ELF file, or a broken one";
    case Hindrance::kOtherBuild:
      return "no names for {}: another build stands in its place by now";
    case Hindrance::kDied:
      return "few names for {}: its debug information is broken";
    case Hindrance::kSlow:
      return "few names for {}: its debug information takes too long to read";
    case Hindrance::kNoNames:
      return "only names of exported functions for {}, whose symbols were stripped";
    case Hindrance::kNoLines:
      return "no files and lines for {}, built without -g";
  }
  return "{}";
}

std::string joined(const std::vector<std::string> &names) {
  std::string text;
  for (std::size_t each = 0; each < std::min(names.size(), kMostNamed); ++each)
    text += (each == 0 ? "" : ", ") + names[each];
  if (names.size() > kMostNamed) text += fmt::format(" and {} more", names.size() - kMostNamed);
  return text;
}

// Debian's, of which libc's bears another name than the rest.
std::string debug_package(const std::string &path) {
  const std::string package = package_of(path);
  if (package.empty()) return "";
  return package == "libc6" ? "libc6-dbg" : package + "-dbgsym";
}

}  // namespace

void Advice::add(Hindrance hindrance, const std::string &path, const std::string &why) {
  auto &files = files_[hindrance];
  const bool known =
      std::any_of(files.begin(), files.end(), [&](const File &each) { return each.path == path; });
  if (!known) files.push_back({path, why});
}

std::vector<std::string> Advice::lines(bool packages) const {
  std::vector<std::string> all;
  for (const auto &[hindrance, files] : files_) {
    std::vector<std::string> names;
    std::vector<std::string> wanted;
    for (const File &file : files) {
      const std::string name = file.path.substr(file.path.rfind('/') + 1);
      names.push_back(file.why.empty() ? name : fmt::format("{} ({})", name, file.why));
      if (hindrance != Hindrance::kNoNames || !packages || wanted.size() > kMostNamed) continue;
      const std::string package = debug_package(file.path);
      if (!package.empty() && std::find(wanted.begin(), wanted.end(), package) == wanted.end())
        wanted.push_back(package);
    }
    std::string line = fmt::format(fmt::runtime(sentence(hindrance)), joined(names));
    if (hindrance == Hindrance::kNoNames) {
      const char *servers = getenv("DEBUGINFOD_URLS");
      if (!wanted.empty()) line += ": apt install";
      for (const std::string &package : wanted) line += " " + package;
      if (servers == nullptr || *servers == '\0')
        line += std::string(wanted.empty() ? ": " : ", or ") + "set DEBUGINFOD_URLS=https://debuginfod." +
                (wanted.empty() ? "elfutils.org" : "debian.net");
      else
        line += wanted.empty() ? ": the servers of DEBUGINFOD_URLS have none"
                               : ", unknown to DEBUGINFOD_URLS' servers";
    }
    all.push_back(std::move(line));
  }
  all.insert(all.end(), lines_.begin(), lines_.end());
  return all;
}

}  // namespace heapmeter::cli::symbols
