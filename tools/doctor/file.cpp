// SPDX-License-Identifier: MIT
#include "doctor/file.h"

#include <algorithm>
#include <iterator>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <fmt/format.h>

#include "system/process.h"

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

// How the sanitizer's runtime got in, or "".
std::string sanitizer_of(const ElfFile &elf) {
  for (const std::string &name : elf.libraries) {
    if (is_sanitizer(name)) return name;
  }
  const SymbolMark *mark = elf.first(SymbolKind::kSanitizer);
  if (mark == nullptr) return "";
  return fmt::format("{}, {}", mark->known.of, mark->defined ? "linked in" : "from a library");
}

}  // namespace

bool is_sanitizer(std::string_view library) {
  return std::any_of(std::begin(kSanitizerLibraries), std::end(kSanitizerLibraries),
                     [&](std::string_view sanitizer) { return library.starts_with(sanitizer); });
}

void check_executable(const std::string &file, const ElfFile &elf, const ElfFile &ours, Findings &out) {
  if (!elf.same_machine(ours)) {
    out.push_back({Found::k_other_architecture, file,
                   fmt::format("{} is a program for {}, libheapmeter.so for {}", file, elf.machine_name(),
                               ours.machine_name()),
                   "meter it with a heapmeter built for its architecture"});
  }
  if (elf.interpreter.empty()) {
    out.push_back({Found::k_static, file,
                   fmt::format("{} is statically linked, so no library can be preloaded into it", file),
                   "link it dynamically"});
  }
  for (const auto &[start, name] : {std::pair("ld-musl", "musl"), std::pair("ld-uClibc", "uClibc"),
                                    std::pair("linker64", "Android's libc")}) {
    if (elf.interpreter.find(start) == std::string::npos) continue;
    out.push_back({Found::k_other_libc, file,
                   fmt::format("{} runs on {}, libheapmeter.so needs glibc", file, name),
                   "build the program for glibc"});
  }
  check_sanitizer(file, elf, out);
}

void check_sanitizer(const std::string &file, const ElfFile &elf, Findings &out) {
  const std::string sanitizer = sanitizer_of(elf);
  if (!sanitizer.empty()) {
    out.push_back({Found::k_sanitizer, file,
                   fmt::format("{} is built with a sanitizer, which brings its own allocator", file),
                   fmt::format("build it without -fsanitize ({})", sanitizer)});
  }
}

void check_privileges(const std::string &file, Findings &out) {
  const std::string gained = privilege_gained(file);
  if (gained.empty()) return;
  out.push_back({Found::k_privileged, file,
                 fmt::format("{} is {}, and such programs ignore LD_PRELOAD", file, gained),
                 "run it as that user, or a copy of it without that privilege"});
}

void check_own_malloc(const std::string &file, const ElfFile &elf, bool counted, Findings &out) {
  const std::string names = elf.exported_malloc();
  if (names.empty()) return;
  if (counted || elf.passes_malloc_on()) {
    out.push_back({Found::k_forwarding_malloc, file,
                   fmt::format("{} brings its own malloc, which passes calls on to the next one: those are "
                               "counted, and what it keeps to itself is not",
                               file),
                   ""});
    return;
  }
  out.push_back(
      {Found::k_own_malloc, file,
       fmt::format("{} brings its own malloc; the meter counts only what that gets from the next one", file),
       fmt::format("link it without ({})", names)});
}

void check_embedded(const std::string &file, const ElfFile &elf, Findings &out) {
  const SymbolMark *found = elf.first(SymbolKind::kAllocator);
  for (const SymbolMark &mark : elf.marks) {
    if (mark.known.mark == SymbolKind::kMallocFamily && mark.defined && mark.name == "malloc" &&
        found == nullptr) {
      found = &mark;
    }
  }
  // What all see as malloc is told by check_own_malloc and check_library.
  if (found == nullptr || !elf.exported_malloc().empty()) return;
  const std::string which = *found->known.of == '\0' ? "a malloc only it can see" : found->known.of;
  out.push_back(
      {Found::k_embedded_allocator, file,
       found->defined
           ? fmt::format("{} has {} built in, whose blocks the meter cannot see", file, which)
           : fmt::format("{} calls {} directly, and the meter cannot see those blocks", file, which),
       fmt::format("have it use malloc ({})", found->name)});
}

void check_library(const std::string &file, const ElfFile &elf, const Lookup &variable, Findings &out) {
  if (const auto heap = own_heap(elf, file, variable)) out.push_back(*heap);
  const std::string names = elf.exported_malloc();
  if (!names.empty() && elf.binds_to_itself) {
    out.push_back(
        {Found::k_embedded_allocator, file,
         fmt::format("{} brings a malloc that it uses itself, whose blocks the meter cannot see", file),
         fmt::format("have it use malloc ({})", names)});
  } else if (!names.empty() && variable("HEAPMETER_BACKEND") != "next") {
    out.push_back({Found::k_replaced_malloc, file,
                   fmt::format("{} brings a malloc, in whose place mimalloc comes while metered", file),
                   "set HEAPMETER_BACKEND=next to keep it and count it"});
  }
  check_embedded(file, elf, out);
}

}  // namespace heapmeter::cli
