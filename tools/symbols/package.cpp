// SPDX-License-Identifier: MIT
#include "symbols/package.h"

#include <filesystem>
#include <system_error>

#include "system/foreign_file.h"

namespace heapmeter::cli::symbols {
namespace {

constexpr std::uint64_t kLongestList = 32u << 20;

bool has_line(const std::string &text, const std::string &line) {
  for (std::size_t at = text.find(line); at != text.npos; at = text.find(line, at + 1)) {
    const std::size_t end = at + line.size();
    if ((at == 0 || text[at - 1] == '\n') && (end == text.size() || text[end] == '\n')) return true;
  }
  return false;
}

}  // namespace

std::string package_of(const std::string &path, const std::string &lists) {
  if (!path.starts_with('/')) return "";
  // Since /lib and /usr/lib became one, a package may say either, and so may a program.
  const std::string other = path.starts_with("/usr/") ? path.substr(4) : "/usr" + path;
  std::error_code failed;
  for (std::filesystem::directory_iterator at(lists, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (at->path().extension() != ".list") continue;
    const auto text = ForeignFile::found(at->path()).text(kLongestList);
    if (!text || (!has_line(*text, path) && !has_line(*text, other))) continue;
    const std::string name = at->path().stem();
    return name.substr(0, name.find(':'));
  }
  return "";
}

}  // namespace heapmeter::cli::symbols
