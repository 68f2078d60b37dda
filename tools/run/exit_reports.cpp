// SPDX-License-Identifier: MIT
#include "run/exit_reports.h"

#include <filesystem>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
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
constexpr std::uint64_t kRoomOfReport = 128 << 10;    // of one without sites, at most
constexpr std::uint64_t kStrangersBytes = 16u << 20;  // of all reports of other users together
constexpr const char *kVariable = "HEAPMETER_REPORT", *kRun = "HEAPMETER_RUN";
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
std::vector<int> telling(const std::string &directory) {
  std::vector<int> pids;
  for (const int pid : process::all()) {
    if (process::variable(pid, kRun) == directory && process::has_library(pid) == true) pids.push_back(pid);
  }
  return pids;
}

// Directories of earlier runs whose programs left others behind, for a day after the last of these has ended;
// where the clock was set back meanwhile, by more than that, no longer.
void remove_forgotten(const std::string &place) {
  std::error_code failed;
  std::vector<fs::path> old;
  for (const auto &entry : fs::directory_iterator(place, failed)) {
    struct stat status;
    if (entry.path().filename().string().starts_with(kStart) && lstat(entry.path().c_str(), &status) == 0 &&
        S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
        std::abs(time(nullptr) - status.st_mtime) > kKept) {
      old.push_back(entry.path());
    }
  }
  for (const fs::path &path : old) {
    if (telling(path).empty()) fs::remove_all(path, failed);
  }
}

// Of many children the totals are enough, but for the one that held most.
void add_totals(std::vector<Relative> &found, Reading report) {
  report.fields.erase("time");
  found.push_back(of_report(std::move(report)));
  Relative &added = found.back();
  for (Relative &each : found) {
    if (&each == &added || !each.reading.fields.contains("pages")) continue;
    const bool more = added.own_peak() > each.own_peak();
    (more ? each : added).reading.fields.erase("pages");
    if (!more) return;
  }
}

// Where reports of other runs may lie, too, of processes that had the same pids.
std::vector<Relative> at_users_place(int pid, const Notices &notices) {
  std::vector<Relative> found;
  const std::string pattern = users_own();
  if (pattern.find("%p") == std::string::npos) return found;
  for (const auto &[other, told] : notices) {
    if (other == pid) continue;
    auto reading = read_report(ForeignFile::found(expand(pattern, other)));
    if (reading && reading->pid == other && reading->monotonic_ns >= told.front().when_ns)
      add_totals(found, std::move(*reading));
  }
  return found;
}

std::string temporary_place() {
  const char *value = getenv("TMPDIR");
  // Which would be a pid to the library.
  const bool usable = value != nullptr && *value == '/' && strstr(value, "%p") == nullptr;
  return usable ? value : "/tmp";
}

}  // namespace

ExitReports::ExitReports() {
  const std::string place = temporary_place();
  remove_forgotten(place);
  std::string path = place + "/" + kStart + "XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    if (!users_own().empty()) return;
    throw UserError(
        fmt::format("no private directory for the exit report ({}: {}); set TMPDIR to a writable one", path,
                    strerror(errno)));
  }
  // A service that root starts gives its privileges up and still writes its report: like /tmp, but unlisted.
  if (geteuid() == 0) chmod(path.c_str(), 01733);
  directory_ = path;
  if (users_own().empty()) pattern_ = path + kName;
}

ExitReports::~ExitReports() {
  if (directory_.empty() || !still_running().empty()) return;
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

std::optional<Reading> ExitReports::of_process(int pid) const {
  const std::string pattern = pattern_.empty() ? users_own() : pattern_;
  if (pattern.find('/') == std::string::npos) return std::nullopt;
  auto reading = read_report(ForeignFile::found(expand(pattern, pid)));
  return reading && reading->pid == pid ? reading : std::nullopt;
}

std::vector<Relative> ExitReports::of_others(int pid, const Notices &notices) const {
  if (pattern_.empty()) return at_users_place(pid, notices);
  std::vector<Relative> found;
  std::uint64_t strangers = kStrangersBytes;
  std::size_t left_out = 0;
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
    add_totals(found, std::move(*reading));
  }
  if (left_out > 0)
    output::note(
        fmt::format("{} reports of other users are too much to be read, and are left out", left_out));
  return found;
}

std::string ExitReports::lack_of_room() const {
  struct statvfs disk = {};
  if (directory_.empty() || statvfs(directory_.c_str(), &disk) != 0) return "";
  const bool no_bytes = disk.f_blocks > 0 && disk.f_bavail * disk.f_frsize < kRoomOfReport;
  const bool no_files = disk.f_files > 0 && disk.f_favail == 0;
  return no_bytes || no_files ? fmt::format("{}: {}", directory_, strerror(ENOSPC)) : "";
}

std::vector<int> ExitReports::still_running() const {
  return directory_.empty() ? std::vector<int>() : telling(directory_);
}

}  // namespace heapmeter::cli
