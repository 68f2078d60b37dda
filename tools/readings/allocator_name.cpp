// SPDX-License-Identifier: MIT
#include "readings/allocator_name.h"

#include <string_view>
#include <utility>

#include <boost/json/value.hpp>

#include "text/terminal.h"

namespace heapmeter::cli {

std::string allocator_name(const std::string &backend, const std::string &library) {
  static constexpr std::pair<std::string_view, const char *> kKnown[] = {
      {"libc.so", "glibc"},        {"libjemalloc", "jemalloc"}, {"libtcmalloc", "tcmalloc"},
      {"libmimalloc", "mimalloc"}, {"libsnmalloc", "snmalloc"}, {"libhoard", "Hoard"},
      {"librpmalloc", "rpmalloc"}, {"libtbbmalloc", "TBB's"},   {"libhardened_malloc", "hardened_malloc"}};
  if (backend != "next" || library.empty()) return backend;
  for (const auto &[start, name] : kKnown) {
    if (library.starts_with(start)) return std::string(name) + " (next)";
  }
  return library + " (next)";
}

std::string allocator_name(const Reading &reading) {
  const boost::json::value *library = reading.fields.if_contains("backend_library");
  return allocator_name(reading.backend, library != nullptr && library->is_string()
                                             ? printable(std::string(library->get_string()))
                                             : "");
}

}  // namespace heapmeter::cli
