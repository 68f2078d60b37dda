// SPDX-License-Identifier: MIT
#include "symbols/plumbing.h"

#include <algorithm>
#include <string_view>

namespace heapmeter::cli::symbols {
namespace {

constexpr std::string_view kAllocators[] = {
    "malloc", "calloc", "realloc", "reallocarray", "aligned_alloc", "memalign", "posix_memalign", "valloc",
    "pvalloc", "__libc_malloc", "__libc_calloc", "__libc_realloc", "__libc_memalign",
    // CPython
    "PyMem_Malloc", "PyMem_Calloc", "PyMem_Realloc", "PyMem_RawMalloc", "PyMem_RawCalloc", "PyMem_RawRealloc",
    "PyObject_Malloc", "PyObject_Calloc", "PyObject_Realloc", "_PyMem_RawMalloc", "_PyMem_RawCalloc",
    "_PyMem_RawRealloc", "_PyObject_Malloc", "_PyObject_Calloc", "_PyObject_Realloc",
    // perl, sqlite, redis, git, binutils and GCC, glib
    "Perl_safesysmalloc", "Perl_safesyscalloc", "Perl_safesysrealloc", "sqlite3MemMalloc",
    "sqlite3MemRealloc", "sqlite3Malloc", "sqlite3MallocZero", "sqlite3Realloc", "sqlite3_malloc",
    "sqlite3_malloc64", "sqlite3DbMallocRaw", "sqlite3DbMallocRawNN", "sqlite3DbMallocZero", "zmalloc",
    "zcalloc", "zrealloc", "ztrymalloc_usable", "ztrycalloc_usable", "ztryrealloc_usable", "zmalloc_usable",
    "xmalloc", "xcalloc", "xrealloc", "g_malloc", "g_malloc0", "g_realloc", "g_malloc_n", "g_malloc0_n",
    "g_realloc_n"};

// Namespaces of the standard library and of compilers' support.
constexpr std::string_view kLibraries[] = {"std::", "__gnu_cxx::", "__cxxabiv1::"};

constexpr std::string_view kStart[] = {"_start",
                                       "start_thread",
                                       "clone",
                                       "clone3",
                                       "__clone",
                                       "__clone3",
                                       "__libc_start_main",
                                       "__libc_start_main_impl",
                                       "__libc_start_call_main"};

// Of a symbol as ELF has it: "malloc@@GLIBC_2.2.5".
std::string_view without_version(std::string_view name) { return name.substr(0, name.find('@')); }

template <typename Names>
bool is_one_of(const Names &names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// What a demangled name of a template begins with is the type it returns: "void std::__invoke<...>(...)". The
// function's own name begins after the last blank before its arguments, outside of angle brackets.
std::string_view qualified(std::string_view name) {
  std::size_t start = 0;
  int depth = 0;
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char letter = name[at];
    if (letter == '(' && depth == 0) break;
    if (letter == '<') ++depth;
    if (letter == '>') depth = std::max(0, depth - 1);
    if (letter == ' ' && depth == 0) {
      if (name.substr(start, at - start).ends_with("operator")) break;  // operator new
      start = at + 1;
    }
  }
  return name.substr(start);
}

bool is_c_library(std::string_view module) {
  return module.starts_with("libc.so") || module.starts_with("libc-") || module.starts_with("ld-linux") ||
         module.starts_with("libpthread");
}

}  // namespace

bool is_plumbing(const Frame &frame) {
  if (is_one_of(kAllocators, without_version(frame.function))) return true;
  const std::string_view name = qualified(frame.function);
  if (name.starts_with("operator new")) return true;
  return std::any_of(std::begin(kLibraries), std::end(kLibraries),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_startup(const Frame &frame) {
  return is_one_of(kStart, without_version(frame.function)) ||
         (frame.function.empty() && is_c_library(frame.module));
}

}  // namespace heapmeter::cli::symbols
