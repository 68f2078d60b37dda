// SPDX-License-Identifier: MIT
#include "doctor/program.h"

#include <algorithm>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fmt/format.h>

#include "doctor/file.h"
#include "doctor/socket_place.h"
#include "system/foreign_file.h"
#include "system/library.h"
#include "system/loader.h"
#include "system/program.h"
#include "system/unmetered.h"

namespace heapmeter::cli {
namespace {

std::string own_variable(const std::string &name) {
  const char *value = getenv(name.c_str());
  return value == nullptr ? "" : value;
}

constexpr std::uint64_t kLargestLibc = 64u << 20;

std::string file_name(const std::string &path) { return path.substr(path.rfind('/') + 1); }

bool is_listed(const std::string &names, const std::string &name) {
  return ("," + names + ",").find("," + name + ",") != std::string::npos;
}

bool has(const std::vector<std::string> &list, const std::string &entry) {
  return std::find(list.begin(), list.end(), entry) != list.end();
}

// libc and the loader define malloc too, and open libraries: that is what everybody has.
bool is_of_libc(const std::string &name) {
  return name.starts_with("libc.so.") || name.starts_with("ld-") || name.starts_with("libdl.so.");
}

// "2.31" of the glibc that would be loaded, which says so in itself; or "".
std::string glibc_release(const Loaded &loaded) {
  constexpr std::string_view kSaid = "GNU C Library", kBefore = " release version ";
  for (const std::string &path : loaded.files) {
    if (!file_name(path).starts_with("libc.so.")) continue;
    const std::string text = ForeignFile::named(path).text(kLargestLibc).value_or("");
    const std::size_t before = text.find(kBefore, text.find(kSaid));
    if (before == text.npos) return "";
    const std::size_t begin = before + kBefore.size();
    const std::size_t end = std::min(text.find_first_not_of("0123456789.", begin), text.size());
    return text.substr(begin, text[end - 1] == '.' ? end - 1 - begin : end - begin);
  }
  return "";
}

// One that reads the library's note and leaves it out (shim/override/oldest_libc.cpp), or misses a version.
bool is_too_old(const std::string &release, const std::string &complaint) {
  unsigned major = 0, minor = 0;
  return sscanf(release.c_str(), "%u.%u", &major, &minor) == 2 && (major < 2 || (major == 2 && minor < 36)) &&
         (complaint.find("cannot be preloaded") != complaint.npos ||
          complaint.find("version `GLIBC_") != complaint.npos);
}

// By whatever name it was loaded, or said to be: `run` gives it one with $LIB in it.
bool is_library(const std::string &path, const std::filesystem::path &library) {
  std::error_code failed;
  return path == library.string() || std::filesystem::equivalent(path, library, failed);
}
bool is_about(const std::string &line, const std::filesystem::path &library) {
  return line.find("/" + library.filename().string()) != std::string::npos;
}

void check_loading(const std::string &file, const Loaded &loaded, const std::filesystem::path &library,
                   const ElfFile &ours, Findings &out) {
  constexpr std::string_view kFatal = "error while loading shared libraries: ";
  const std::string release = loaded.complaints.empty() ? "" : glibc_release(loaded);
  for (const std::string &name : loaded.missing) {
    out.push_back({Found::k_cannot_start, file,
                   fmt::format("{} needs {}, which is not to be found", file, name),
                   "install it, or name its folder in LD_LIBRARY_PATH"});
  }
  for (const std::string &line : loaded.complaints) {
    const std::size_t fatal = line.find(kFatal);
    const bool about_us = is_about(line, library);
    if (fatal == line.npos && !about_us) continue;
    const std::string reason = fatal == line.npos ? line : line.substr(fatal + kFatal.size());
    const std::string missing = reason.substr(0, reason.find(':'));
    const bool ours_needs = has(ours.libraries, missing);
    if (about_us && is_too_old(release, line)) {
      out.push_back(
          {Found::k_library_missing, library,
           fmt::format("{} runs on glibc {}, which is too old for {}", file, release, library.string()),
           "build the meter on a system of that release"});
      return;
    }
    if (about_us || ours_needs) {
      out.push_back({Found::k_library_missing, library,
                     fmt::format("{} cannot be loaded into {}: {}", library.string(), file, reason),
                     !ours_needs                  ? "set HEAPMETER_LIBRARY to one that can"
                     : missing.ends_with(".so.3") ? "install libmimalloc3"
                                                  : "install libmimalloc2.0"});
    } else {
      out.push_back({Found::k_cannot_start, file, fmt::format("{} cannot be loaded: {}", file, reason), ""});
    }
  }
}

void check_libraries(const Loaded &loaded, const std::filesystem::path &library, const ElfFile &ours,
                     bool &opens, Findings &out) {
  bool ahead = true;  // of the meter, in LD_PRELOAD
  for (const std::string &path : loaded.files) {
    const std::string name = file_name(path);
    const bool is_ours = is_library(path, library);
    if (is_ours) ahead = false;
    if (is_ours || is_of_libc(name) || is_sanitizer(name)) continue;
    const auto elf = read_elf(path);
    if (!elf || ours.needs(*elf)) continue;
    check_sanitizer(path, *elf, out);
    opens |= elf->first(SymbolKind::kOpensLibraries) != nullptr;
    ahead ? check_own_malloc(path, *elf, false, out) : check_library(path, *elf, own_variable, out);
  }
}

// What is preloaded by hand, without run, is found by that name or not at all.
void check_inherited_preload(const std::string &file, const std::filesystem::path &place, const ElfFile &elf,
                             const std::filesystem::path &library, Findings &out) {
  const std::string list = unmetered::inherited_preload(), named = library::named_in(list);
  if (named.empty() || worst(out) == Effect::kRefused) return;
  const Loaded loaded = ask_loader(elf.interpreter, place, list);
  const auto is_loaded = [](const std::string &path) { return !library::named_in(path).empty(); };
  // Where it says nothing of files, the program does not start, whatever is preloaded.
  if (!loaded.known || loaded.complaints.empty() ||
      std::any_of(loaded.files.begin(), loaded.files.end(), is_loaded))
    return;
  auto said = std::find_if(loaded.complaints.begin(), loaded.complaints.end(),
                           [&](const std::string &line) { return line.find(named) != line.npos; });
  if (said == loaded.complaints.end()) said = loaded.complaints.begin();
  out.push_back({Found::k_preload_in_vain, named,
                 fmt::format("LD_PRELOAD names {}, which is not loaded into {}: {}", named, file, *said),
                 fmt::format("start it with heapmeter run, or name {}", library.string())});
}

Finding why_not_asked(const std::string &file, const ElfFile &elf, const Loaded &loaded) {
  const char *reason = loaded.refused
                           ? "is not known as a dynamic linker, or not only root and you may write to it"
                           : "did not answer";
  return {Found::k_unreadable, file,
          fmt::format("{} is loaded by {}, which {}, so whether it can be metered is not known", file,
                      elf.interpreter, reason),
          ""};
}

void check_file(const std::string &file, const std::filesystem::path &library, const ElfFile &ours,
                Findings &out) {
  if (access(file.c_str(), R_OK) != 0) {
    out.push_back(
        {Found::k_unreadable, file,
         fmt::format("{} may be executed but not read, so whether it can be metered is not known", file),
         ""});
    return;
  }
  const auto elf = read_elf(file);
  if (!elf) return;  // a script, or something the kernel or the shell will know
  if (elf->cut_off) {
    out.push_back({Found::k_cannot_start, file,
                   fmt::format("{} is cut off: it ends before what it says it has", file), "get it anew"});
    return;
  }
  check_privileges(file, out);
  check_executable(file, *elf, ours, out);
  if (const auto heap = own_heap(*elf, file, own_variable)) out.push_back(*heap);
  if (worst(out) == Effect::kRefused) return;
  if (elf->has_unseen_tables) {
    out.push_back({Found::k_unreadable, file,
                   fmt::format("{} has no tables of symbols that can be read, or far too large ones, so "
                               "whether it brings its own malloc is not known",
                               file),
                   ""});
  }
  check_own_malloc(file, *elf, false, out);
  check_embedded(file, *elf, out);
  // Its real place, for that is $ORIGIN when it is started; and as run names the library.
  const std::filesystem::path place = std::filesystem::canonical(file);
  const Loaded loaded =
      ask_loader(elf->interpreter, place,
                 library::put_first(library::for_every_child(library), unmetered::inherited_preload()));
  if (!loaded.known && loaded.missing.empty() && loaded.complaints.empty())
    out.push_back(why_not_asked(file, *elf, loaded));
  check_loading(file, loaded, library, ours, out);
  check_inherited_preload(file, place, *elf, library, out);
  bool opens = elf->first(SymbolKind::kOpensLibraries) != nullptr;
  check_libraries(loaded, library, ours, opens, out);
  if (!opens) return;
  out.push_back(
      {Found::k_plugins, file,
       file + " may load more libraries while it runs (dlopen), also with RTLD_DEEPBIND: they are counted, "
              "but not an allocator they bring",
       "look again at its pid"});
}

}  // namespace

void check_switches(const std::string &name, const Lookup &variable, Findings &out) {
  std::string by;
  const std::string only = variable("HEAPMETER_ONLY"), except = variable("HEAPMETER_EXCEPT");
  if (variable("HEAPMETER_OFF") == "1")
    by = "HEAPMETER_OFF=1";
  else if (!only.empty() && !is_listed(only, name))
    by = "HEAPMETER_ONLY=" + only;
  else if (!except.empty() && is_listed(except, name))
    by = "HEAPMETER_EXCEPT=" + except;
  if (!by.empty()) {
    out.push_back({Found::k_switched_off, "", fmt::format("{} switches the meter off for {}", by, name),
                   "start it without, to have it counted"});
  }
  if (variable("HEAPMETER_SERVE") == "off") {
    out.push_back(
        {Found::k_not_served, "",
         fmt::format("HEAPMETER_SERVE=off gives {} no socket, so it can be read only at its end", name),
         "start it without, to read it while it runs"});
  }
}

void check_environment(const Lookup &variable, Findings &out) {
  if (const std::string audit = variable("LD_AUDIT"); !audit.empty()) {
    out.push_back(
        {Found::k_audit, audit,
         fmt::format("LD_AUDIT loads {} with a libc of its own, whose blocks the meter cannot see", audit),
         ""});
  }
}

Findings program_findings(const std::string &program, const std::filesystem::path &library) {
  const ForeignFile file = ForeignFile::named(library);
  const auto ours = read_elf(file);
  if (!file && !file.is_no_file()) {
    return {{Found::k_library_missing, library,
             fmt::format("{} cannot be opened: {}", library.string(), strerror(file.error())),
             file.error() == EMFILE ? "raise the limit of open files (ulimit -n)"
                                    : "set HEAPMETER_LIBRARY to libheapmeter.so"}};
  }
  if (!ours) {
    return {{Found::k_library_missing, library, fmt::format("{} is not a shared library", library.string()),
             "set HEAPMETER_LIBRARY to libheapmeter.so"}};
  }
  Findings found;
  std::string name = program, before;
  for (const std::string &file : interpreter_chain(program)) {
    check_file(file, library, *ours, found);
    // To the library a script's name is the program's, but env starts another.
    if (before.ends_with("/env")) name = file;
    if (file_name(file).starts_with("valgrind")) {
      found.push_back({Found::k_valgrind, file,
                       "what runs under valgrind has valgrind's malloc, which comes before the meter's",
                       "run it without valgrind"});
    }
    if (!before.empty() && !before.ends_with("/env")) {
      found.push_back(
          {Found::k_script, before,
           fmt::format("{} is a script for {}, and what it starts in turn was not looked at", before, file),
           ""});
    }
    before = file;
  }
  check_switches(file_name(name), own_variable, found);
  check_environment(own_variable, found);
  if (const auto trouble = socket_trouble({own_variable, geteuid(), ""})) found.push_back(*trouble);
  std::stable_sort(found.begin(), found.end(),
                   [](const Finding &a, const Finding &b) { return a.effect() > b.effect(); });
  return found;
}

}  // namespace heapmeter::cli
