// SPDX-License-Identifier: MIT
#include "doctor/process.h"

#include <algorithm>
#include <optional>
#include <vector>

#include <stdio.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "doctor/file.h"
#include "doctor/program.h"
#include "doctor/socket_place.h"
#include "system/cgroup.h"
#include "system/library.h"
#include "system/process.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

constexpr const char *kStart = "start it with heapmeter run";

std::string file_name(const std::string &path) { return path.substr(path.rfind('/') + 1); }

// Files as the process sees them, which may be others than ours of the same name.
class Looker {
 public:
  explicit Looker(int pid)
      : pid_(pid),
        who_(process::label(pid)),
        variable_([pid](const std::string &name) { return process::variable(pid, name); }) {}

  Findings look(bool served) {
    library_ = library_of(pid_);
    library_.empty() ? why_not_loaded() : why_not_counted(served);
    if (!library_.empty() && !served) why_not_served();
    if (!library_.empty()) what_is_hidden();
    surroundings();
    return std::move(found_);
  }

 private:
  void add(Found found, const std::string &file, const std::string &what, const std::string &advice) {
    found_.push_back({found, file, what, advice});
  }
  std::optional<ElfFile> own_elf() const {
    return read_elf(fmt::format("/proc/{}/exe", process::living_thread(pid_)));
  }

  void why_not_loaded() {
    if (const auto status = process::status(pid_); status && status->of_the_kernel) {
      add(Found::k_not_loaded, "", who_ + " is a thread of the kernel", "");
      return;
    }
    add(Found::k_not_loaded, "", who_ + " is not metered, and a running program cannot be", kStart);
    const std::string file = process::executable(pid_);
    if (process::gained_privileges(pid_)) {
      add(Found::k_privileged, file,
          fmt::format("{} gained privileges by its start, and such programs ignore LD_PRELOAD", file),
          "run it as that user, or a copy of it without that privilege");
    }
    const auto elf = own_elf();
    if (!elf) return;
    try {
      if (const auto ours = read_elf(library::find())) check_executable(file, *elf, *ours, found_);
    } catch (const UserError &error) {
      found_.push_back(finding_from(Found::k_library_missing, "", error.what()));
    }
    if (const auto heap = own_heap(*elf, file, variable_)) found_.push_back(*heap);
    if (found_.size() > 1) return;
    check_own_malloc(file, *elf, false, found_);
    check_embedded(file, *elf, found_);
    const std::string named = library::named_in(variable_("LD_PRELOAD"));
    if (named.empty()) return;
    found_[0].what = fmt::format("{} is not metered, though its LD_PRELOAD names {}", who_, named);
    found_[0].advice = fmt::format("its dynamic linker said why on stderr as it started; {}", kStart);
  }

  // What is served has been counted in part at least.
  void why_not_counted(bool served) {
    const std::string started = process::executed_name(pid_);
    check_switches(file_name(started.empty() ? process::executable(pid_) : started), variable_, found_);
    const auto elf = own_elf();
    if (elf) check_own_malloc(process::executable(pid_), *elf, served, found_);
    for (const std::string &file : preloaded_ahead()) {
      if (const auto other = read_elf(ForeignFile::of_process(pid_, file)))
        check_own_malloc(file, *other, served, found_);
    }
    const auto files = process::mapped_files(pid_).value_or(std::vector<std::string>());
    if (std::any_of(files.begin(), files.end(),
                    [](const std::string &file) { return file_name(file).starts_with("vgpreload_"); })) {
      add(Found::k_valgrind, "", who_ + " runs under valgrind, whose malloc comes before the meter's",
          "run it without valgrind");
    }
  }

  // Mapped files that stand before ours in LD_PRELOAD, which may name them by links: libx.so is libx.so.2.
  std::vector<std::string> preloaded_ahead() const {
    const auto ahead = library::ahead_in(variable_("LD_PRELOAD"));
    std::vector<std::string> found;
    if (ahead.empty()) return found;
    for (const std::string &file : process::mapped_files(pid_).value_or(std::vector<std::string>())) {
      if (std::any_of(ahead.begin(), ahead.end(), [&](const std::string &entry) {
            return file_name(file).starts_with(file_name(entry));
          }))
        found.push_back(file);
    }
    return found;
  }

  void why_not_served() {
    if (process::sandbox(pid_) != 0) {
      add(Found::k_sandboxed, "",
          who_ +
              " is counted, but shut itself into a seccomp sandbox, which the service "
              "must leave alone",
          "read its report at the end (HEAPMETER_REPORT)");
    }
    if (const auto most = few_processes()) {
      add(Found::k_few_processes, "",
          fmt::format(
              "{} is counted, but may have no more than {} processes and threads (ulimit -u, pids.max), of "
              "which the service would be one",
              who_, *most),
          fmt::format("allow it {} or more, or read its report at the end (HEAPMETER_REPORT)",
                      HEAPMETER_FEW_PROCESSES));
    }
    if (process::gained_privileges(pid_)) {
      add(Found::k_not_served, "",
          who_ +
              " gained privileges by its start, so it takes no orders from the environment and has no socket",
          "run it as that user");
    }
    if (const auto user = process::effective_user(pid_)) {
      if (const auto trouble =
              socket_trouble({variable_, *user, fmt::format("/proc/{}/root", process::living_thread(pid_))}))
        found_.push_back(*trouble);
    }
    if (std::any_of(found_.begin(), found_.end(),
                    [](const Finding &each) { return each.keeps_from_reading(); })) {
      return;
    }
    utsname kernel;
    unsigned major = 0, minor = 0;
    if (uname(&kernel) == 0 && sscanf(kernel.release, "%u.%u", &major, &minor) == 2 &&
        (major < 5 || (major == 5 && minor < 9))) {
      add(Found::k_not_served, "", who_ + " is counted but has no socket, which takes Linux 5.9 or later",
          "read its report at the end (HEAPMETER_REPORT)");
      return;
    }
    add(Found::k_not_served, "",
        who_ + " has the library but no socket, and its settings and directories do not tell why", kStart);
  }

  // The limit, where it is one under which there is no service.
  std::optional<std::uint64_t> few_processes() const {
    std::optional<std::uint64_t> least = process_limit_of(pid_);
    if (const auto most = process::most_processes(pid_); most && (!least || *most < *least)) least = most;
    return least && *least < HEAPMETER_FEW_PROCESSES ? least : std::nullopt;
  }

  void what_is_hidden() {
    const auto elf = own_elf();
    const std::string executable = process::executable(pid_);
    if (elf) {
      check_embedded(executable, *elf, found_);
      if (const auto heap = own_heap(*elf, executable, variable_)) found_.push_back(*heap);
    }
    // Of an upgraded package it is the new file that says what it needs, and of one that was removed none.
    constexpr std::string_view kDeleted = " (deleted)";
    const std::string library_file =
        library_.substr(0, library_.size() - (library_.ends_with(kDeleted) ? kDeleted.size() : 0));
    const auto ours = read_elf(ForeignFile::of_process(pid_, library_file));
    for (const std::string &file : process::mapped_files(pid_).value_or(std::vector<std::string>())) {
      const std::string name = file_name(file);
      if (file == executable || file == library_ || name.find(".so") == name.npos ||
          name.starts_with("libc.so.") || name.starts_with("ld-linux") || name.starts_with("vgpreload_")) {
        continue;
      }
      if (const auto heap = own_heap_of_library(file)) {
        found_.push_back(*heap);
        continue;
      }
      const auto other = read_elf(ForeignFile::of_process(pid_, file));
      const bool is_meters_own = other && (ours ? ours->needs(*other) : name.starts_with("libmimalloc.so."));
      if (other && !is_meters_own) check_library(file, *other, variable_, found_);
    }
    if (process::copies_of(pid_, "libc.so.6") > 1) {
      add(Found::k_second_libc, "",
          who_ +
              " has a second libc in a namespace of its own (dlmopen or LD_AUDIT), whose blocks the meter "
              "cannot see",
          "");
    }
  }

  void surroundings() {
    check_environment(variable_, found_);
    const bool other_files = process::shares_namespace(pid_, "mnt") == false;
    const bool other_pids = process::shares_namespace(pid_, "pid") == false;
    if (!other_files && !other_pids) return;
    add(Found::k_container, "",
        fmt::format("{} runs in a container: its {} not ours{}", who_,
                    other_files && other_pids ? "files and pids are"
                    : other_files             ? "files are"
                                              : "pids are",
                    other_pids ? fmt::format(" (it is {} to itself)", process::innermost_pid(pid_)) : ""),
        library_.empty() ? "the library must be inside, and LD_PRELOAD name it as it is called there"
                         : "root reads it from here all the same");
  }

  int pid_;
  std::string who_;
  Lookup variable_;
  std::string library_;
  Findings found_;
};

}  // namespace

std::string library_of(int pid) {
  for (const std::string &file : process::mapped_files(pid).value_or(std::vector<std::string>())) {
    if (file_name(file).starts_with("libheapmeter.so")) return file;
  }
  return "";
}

Findings process_findings(int pid, bool served) {
  const std::string who = process::label(pid);
  const auto status = process::status(pid);
  if (!status) {
    throw UserError(fmt::format("there is no process {}; heapmeter ps lists the metered ones", pid));
  }
  if (status->state == 'Z' && process::living_thread(pid) == pid)
    throw UserError(who + " has ended and waits for its parent to notice");
  if (status->image_of_parent) {
    throw UserError(fmt::format("{} is a copy of {}, which is looked at for what is lost; it ends with that",
                                who, process::label(status->parent)));
  }
  if (process::ended(pid)) throw UserError(who + " has just ended");  // its files may be root's by now
  const auto owner = process::owner(pid);
  if (geteuid() != 0 && owner && *owner != geteuid()) {
    throw UserError(
        fmt::format("{} belongs to {}; read it as that user or as root", who, process::user_name(*owner)));
  }
  if (!process::mapped_files(pid)) {
    throw UserError(
        fmt::format("{} has no socket, and the kernel does not show what it has loaded; if it is yours, {}",
                    who, kStart));
  }
  Findings found = Looker(pid).look(served);
  if (process::ended(pid)) throw UserError(who + " has just ended");
  std::stable_sort(found.begin(), found.end(),
                   [](const Finding &a, const Finding &b) { return a.effect() > b.effect(); });
  return found;
}

}  // namespace heapmeter::cli
