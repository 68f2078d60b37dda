// SPDX-License-Identifier: MIT
#include "preflight.h"

#include <fstream>
#include <optional>
#include <string_view>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fmt/format.h>

#include "command.h"
#include "elf_file.h"
#include "process.h"
#include "program.h"

namespace heapmeter::cli {
namespace {

constexpr std::string_view kSanitizerLibraries[] = {"libasan.so", "libtsan.so",   "libmsan.so",
                                                    "liblsan.so", "libhwasan.so", "libclang_rt."};

// Why the dynamic linker would ignore LD_PRELOAD (AT_SECURE), or "".
std::string privilege_gained(const std::string &path) {
  struct stat file;
  struct statvfs mounted;
  if (stat(path.c_str(), &file) != 0) return "";
  const bool ignored = (statvfs(path.c_str(), &mounted) == 0 && (mounted.f_flag & ST_NOSUID) != 0) ||
                       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  if (ignored) return "";
  if ((file.st_mode & S_ISUID) != 0 && file.st_uid != getuid())
    return "set-uid to " + process::user_name(file.st_uid);
  const mode_t set_gid = S_ISGID | S_IXGRP;
  if ((file.st_mode & set_gid) == set_gid && file.st_gid != getgid()) {
    return fmt::format("set-gid to group {}", file.st_gid);
  }
  const bool has_capabilities = getxattr(path.c_str(), "security.capability", nullptr, 0) > 0;
  return has_capabilities && getuid() != 0 ? "given file capabilities" : "";
}

bool is_sanitized(const ElfFile &elf) {
  for (const std::string &name : elf.libraries) {
    for (std::string_view sanitizer : kSanitizerLibraries) {
      if (name.starts_with(sanitizer)) return true;
    }
  }
  return elf.has_sanitizer_symbol;
}

[[noreturn]] void refuse(const std::string &what) { throw UserError(what); }

void check_program(const std::string &path, const ElfFile &elf, const ElfFile &ours) {
  if (!elf.same_machine(ours)) {
    refuse(
        fmt::format("{} is a program for {}, libheapmeter.so for {}; meter it with a heapmeter built for its "
                    "architecture",
                    path, elf.machine_name(), ours.machine_name()));
  }
  if (elf.interpreter.empty()) {
    refuse(fmt::format("{} is statically linked, so no library can be preloaded into it; link it dynamically",
                       path));
  }
  if (elf.interpreter.find("ld-musl") != std::string::npos) {
    refuse(fmt::format("{} runs on musl, libheapmeter.so needs glibc; build the program for glibc", path));
  }
  if (is_sanitized(elf)) {
    refuse(fmt::format(
        "{} is built with a sanitizer, which brings its own allocator; build it without -fsanitize", path));
  }
}

void check_file(const std::string &path, const ElfFile &ours, std::vector<std::string> &notes) {
  if (access(path.c_str(), R_OK) != 0) {
    notes.push_back(
        fmt::format("{} may be executed but not read, so whether it can be metered is not known", path));
    return;
  }
  const auto elf = read_elf(path);
  if (!elf) return;  // a script, or something the kernel or the shell will know
  const std::string gained = privilege_gained(path);
  if (!gained.empty()) {
    refuse(
        fmt::format("{} is {}, and such programs ignore LD_PRELOAD; run it as that user, or a copy of it "
                    "without that privilege",
                    path, gained));
  }
  check_program(path, *elf, ours);
  if (elf->defines_malloc) {
    notes.push_back(fmt::format("{} brings its own malloc, whose blocks the meter cannot see", path));
  }
}

}  // namespace

std::vector<std::string> preflight(const std::string &program, const std::filesystem::path &library) {
  const auto ours = read_elf(library);
  if (!ours) {
    refuse(fmt::format("{} is not a shared library; set HEAPMETER_LIBRARY to libheapmeter.so",
                       library.string()));
  }
  std::vector<std::string> notes;
  for (const std::string &file : interpreter_chain(program)) check_file(file, *ours, notes);
  return notes;
}

}  // namespace heapmeter::cli
