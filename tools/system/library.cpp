// SPDX-License-Identifier: MIT
#include "system/library.h"

#include <algorithm>
#include <system_error>
#include <vector>

#include <stdlib.h>

#include <fmt/format.h>

#include "system/blankless_link.h"
#include "text/user_error.h"

namespace heapmeter::cli::library {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kName = "libheapmeter.so";
constexpr std::string_view kSeparators = ": ";

bool is_ours(std::string_view entry) {
  const std::string_view base = entry.substr(entry.rfind('/') + 1);
  return base.starts_with(kName);
}

std::vector<std::string> entries_of(std::string_view list) {
  std::vector<std::string> entries;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find_first_of(kSeparators, at), list.size());
    if (end > at) entries.emplace_back(list.substr(at, end - at));
    at = end + 1;
  }
  return entries;
}

std::vector<fs::path> places() {
  const fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
  // libdir is relative to the prefix, or absolute when the builder said so; operator/ understands both.
  return {folder / "../shim" / kName, folder / ".." / HEAPMETER_LIBDIR / kName, folder / "../lib" / kName};
}

// The file's own name; where LD_PRELOAD cannot have that, the name of the link by which it was given, or one
// through a link to its folder.
fs::path preloadable(const fs::path &given) {
  const auto can_be = [](const fs::path &path) {
    return path.string().find_first_of(kSeparators) == std::string::npos;
  };
  const fs::path own = fs::canonical(given);
  for (const fs::path &path : {own, fs::absolute(given)}) {
    if (can_be(path)) return path;
  }
  const auto folder = can_be(own.filename()) ? blankless_link(own.parent_path()) : std::nullopt;
  if (folder && can_be(*folder)) return *folder / own.filename();
  // What it needs lies beside it, and is looked for beside the name that is given.
  throw UserError(fmt::format(
      "LD_PRELOAD cannot name '{}': it has a blank or a colon; make a link to {} that has none (ln -s), and "
      "set HEAPMETER_LIBRARY to the library by that",
      own.string(), can_be(own.filename()) ? "its folder" : "it"));
}

}  // namespace

fs::path find() {
  std::error_code ignored;
  if (const char *chosen = getenv("HEAPMETER_LIBRARY"); chosen != nullptr && *chosen != '\0') {
    if (fs::is_regular_file(chosen, ignored)) return preloadable(chosen);
    throw UserError(fmt::format(
        "HEAPMETER_LIBRARY is '{}', which is not a file; set it to the path of libheapmeter.so, or "
        "unset it",
        chosen));
  }
  std::string tried;
  for (const fs::path &place : places()) {
    if (fs::is_regular_file(place, ignored)) return preloadable(place);
    tried += (tried.empty() ? "" : ", ") + place.lexically_normal().parent_path().string();
  }
  throw UserError(fmt::format(
      "libheapmeter.so is not in {}; build or install it, or set HEAPMETER_LIBRARY to its path", tried));
}

fs::path for_every_child(const fs::path &library) {
  std::error_code ignored;
  const fs::path folder = library.parent_path() / "heapmeter" / "preload";
  if (!fs::equivalent(folder / kName, library, ignored)) return library;
  return folder / "$LIB" / kName;
}

std::string remove_from(std::string_view list) {
  std::string kept;
  bool removed = false;
  for (const std::string &entry : entries_of(list)) {
    if (is_ours(entry)) {
      removed = true;
    } else {
      kept += (kept.empty() ? "" : ":") + entry;
    }
  }
  return removed ? kept : std::string(list);
}

std::string named_in(std::string_view list) {
  const auto entries = entries_of(list);
  const auto ours = std::find_if(entries.begin(), entries.end(), is_ours);
  return ours == entries.end() ? "" : *ours;
}

std::vector<std::string> ahead_in(std::string_view list) {
  auto entries = entries_of(list);
  const auto ours = std::find_if(entries.begin(), entries.end(), is_ours);
  entries.erase(ours == entries.end() ? entries.begin() : ours, entries.end());
  return entries;
}

std::string put_first(const fs::path &library, std::string_view list) {
  const std::string rest = remove_from(list);
  return library.string() + (rest.empty() ? "" : ":" + rest);
}

}  // namespace heapmeter::cli::library
