// SPDX-License-Identifier: MIT
#include "run/exit_reports.h"

#include <filesystem>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <fmt/format.h>

#include "client/page.h"
#include "system/foreign_file.h"
#include "system/process.h"
#include "text/output.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestReport = 1u << 20;
constexpr std::uint64_t kStrangersBytes = 16u << 20;  // of all reports of other users together
constexpr const char *kVariable = "HEAPMETER_REPORT";
constexpr const char *kStart = "heapmeter-run-";
constexpr const char *kName = "/%p.json";
constexpr time_t kKept = 24 * 60 * 60;

std::string users_own() {
  const char *value = getenv(kVariable);
  return value == nullptr ? "" : value;
}

std::string expand(std::string pattern, int pid) {
  for (std::size_t at = 0; (at = pattern.find("%p", at)) != std::string::npos;) {
    const std::string digits = std::to_string(pid);
    pattern.replace(at, 2, digits);
    at += digits.size();
  }
  return pattern;
}

// As root's directory is open to all, so that who gave up his privileges can report: take no more than a
// report.
std::optional<Reading> read_report(const ForeignFile &file) {
  const auto text = file.text(kLargestReport);
  if (!text) return std::nullopt;
  try {
    boost::json::object all = page::parse(*text, "a report");
    Reading reading = reading_of(all);
    reading.fields = std::move(all);  // with its pages, for diff
    return reading;
  } catch (const NoAnswer &) {
    return std::nullopt;  // written by something else; the caller says that there is no report
  }
}

// Not by their sockets: one that has just forked has none yet.
std::vector<int> reporting_to(const std::string &pattern) {
  std::vector<int> pids;
  for (const int pid : process::all()) {
    if (process::variable(pid, kVariable) == pattern && process::has_library(pid) == true)
      pids.push_back(pid);
  }
  return pids;
}

// Directories of earlier runs whose programs left others behind, for a day after the last of these has ended.
void remove_forgotten(const std::string &place) {
  std::error_code failed;
  std::vector<fs::path> old;
  for (const auto &entry : fs::directory_iterator(place, failed)) {
    struct stat status;
    if (entry.path().filename().string().starts_with(kStart) && lstat(entry.path().c_str(), &status) == 0 &&
        S_ISDIR(status.st_mode) && status.st_uid == geteuid() && time(nullptr) - status.st_mtime > kKept) {
      old.push_back(entry.path());
    }
  }
  for (const fs::path &path : old) {
    if (reporting_to(path.string() + kName).empty()) fs::remove_all(path, failed);
  }
}

}  // namespace

ExitReports::ExitReports() {
  if (!users_own().empty()) return;
  const char *temporary = getenv("TMPDIR");
  const std::string place = temporary != nullptr && *temporary == '/' ? temporary : "/tmp";
  remove_forgotten(place);
  std::string path = place + "/" + kStart + "XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    throw UserError(
        fmt::format("no private directory for the exit report ({}: {}); set TMPDIR to a writable one", path,
                    strerror(errno)));
  }
  // A service that root starts gives its privileges up and still writes its report: like /tmp, but unlisted.
  if (geteuid() == 0) chmod(path.c_str(), 01733);
  directory_ = path;
  pattern_ = path + kName;
}

ExitReports::~ExitReports() {
  if (directory_.empty() || !still_running().empty()) return;
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

std::optional<Reading> ExitReports::of_process(int pid) const {
  const std::string pattern = directory_.empty() ? users_own() : pattern_;
  if (pattern.find('/') == std::string::npos) return std::nullopt;
  auto reading = read_report(ForeignFile::found(expand(pattern, pid)));
  return reading && reading->pid == pid ? reading : std::nullopt;
}

std::vector<Relative> ExitReports::of_others(int pid) const {
  std::vector<Relative> found;
  if (directory_.empty()) return found;
  std::uint64_t strangers = kStrangersBytes;
  std::size_t left_out = 0, largest = 0;
  std::error_code failed;
  for (const auto &entry : fs::directory_iterator(directory_, failed)) {
    if (entry.path().extension() != ".json") continue;
    const ForeignFile file = ForeignFile::found(entry.path());
    if (file && file.owner() != geteuid()) {
      left_out += file.size() > strangers ? 1 : 0;
      if (file.size() > strangers) continue;
      strangers -= file.size();
    }
    auto reading = read_report(file);
    if (!reading || reading->pid == pid) continue;
    // One process has one report, of its own.
    if (entry.path().stem() != std::to_string(reading->pid)) continue;
    reading->fields.erase("time");
    found.push_back(of_report(std::move(*reading)));
    // Of many children the totals are enough, but for the one that held most.
    const std::size_t last = found.size() - 1;
    if (last > 0) {
      const bool more = found[last].own_peak() > found[largest].own_peak();
      found[more ? largest : last].reading.fields.erase("pages");
      if (more) largest = last;
    }
  }
  if (left_out > 0)
    output::note(
        fmt::format("{} reports of other users are too much to be read, and are left out", left_out));
  return found;
}

std::vector<int> ExitReports::still_running() const {
  return directory_.empty() ? std::vector<int>() : reporting_to(pattern_);
}

}  // namespace heapmeter::cli
