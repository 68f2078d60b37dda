// SPDX-License-Identifier: MIT
#include "symbols/advice.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
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
      return "no files and lines for {}: built without -g, or stripped of what that adds";
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
std::string debug_package(const std::string &package) {
  return package == "libc6" ? "libc6-dbg" : package + "-dbgsym";
}

// What a program's own author can do, and nobody else.
constexpr const char *kIfYourOwn =
    "build it with -g and do not strip it, or keep what strip takes in a file beside it (objcopy "
    "--only-keep-debug, then --add-gnu-debuglink)";

bool servers_are_asked() {
  const char *servers = getenv("DEBUGINFOD_URLS");
  return servers != nullptr && *servers != '\0';
}

std::string of_packages(const std::vector<std::string> &packages) {
  std::string line = ": apt install";
  for (const std::string &package : packages) line += " " + package;
  return line + (servers_are_asked() ? ", unknown to DEBUGINFOD_URLS' servers"
                                     : ", or set DEBUGINFOD_URLS=https://debuginfod.debian.net");
}

std::string of_whoever() {
  return (servers_are_asked() ? ": the servers of DEBUGINFOD_URLS have none"
                              : ": set DEBUGINFOD_URLS=https://debuginfod.elfutils.org") +
         std::string("; what is your own, ") + kIfYourOwn;
}

std::string of_nobody() {
  return std::string(", of no package: ") + kIfYourOwn +
         (servers_are_asked() ? "; the servers of DEBUGINFOD_URLS have none"
                              : "; or set DEBUGINFOD_URLS to a server of yours");
}

}  // namespace

void Advice::add(Hindrance hindrance, const std::string &path, const std::string &why) {
  auto &files = files_[hindrance];
  const bool known =
      std::any_of(files.begin(), files.end(), [&](const File &each) { return each.path == path; });
  if (!known) files.push_back({path, why});
}

// Those of packages have a line, those of none another: what helps is not the same.
void Advice::add_stripped(const std::vector<File> &files, const std::string &lists,
                          std::vector<std::string> &all) const {
  const char *stripped = sentence(Hindrance::kNoNames);
  std::vector<std::string> packaged, own, wanted;
  for (const File &file : files) {
    // Looking is slow, and nobody reads so many names.
    const bool looks = !lists.empty() && wanted.size() <= kMostNamed && own.size() <= kMostNamed;
    const std::string package = looks ? package_of(file.path, lists) : "";
    (package.empty() && looks ? own : packaged).push_back(name_of(file));
    if (package.empty()) continue;
    const std::string named = debug_package(package);
    if (std::find(wanted.begin(), wanted.end(), named) == wanted.end()) wanted.push_back(named);
  }
  if (!packaged.empty())
    all.push_back(fmt::format(fmt::runtime(stripped), joined(packaged)) +
                  (wanted.empty() ? of_whoever() : of_packages(wanted)));
  if (!own.empty()) all.push_back(fmt::format(fmt::runtime(stripped), joined(own)) + of_nobody());
}

std::vector<std::string> Advice::lines(bool packages, const std::string &lists) const {
  const bool are_known = packages && std::filesystem::is_directory(lists);
  std::vector<std::string> all;
  for (const auto &[hindrance, files] : files_) {
    if (hindrance == Hindrance::kNoNames) {
      add_stripped(files, are_known ? lists : "", all);
      continue;
    }
    std::vector<std::string> names;
    for (const File &file : files) names.push_back(name_of(file));
    all.push_back(fmt::format(fmt::runtime(sentence(hindrance)), joined(names)));
  }
  all.insert(all.end(), lines_.begin(), lines_.end());
  return all;
}

std::string Advice::name_of(const File &file) {
  const std::string name = file.path.substr(file.path.rfind('/') + 1);
  return file.why.empty() ? name : fmt::format("{} ({})", name, file.why);
}

}  // namespace heapmeter::cli::symbols
