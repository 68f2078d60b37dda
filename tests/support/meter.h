// SPDX-License-Identifier: MIT
//
// One test's use of the library under test: a private socket directory and report file, the environment that
// preloads it, and the readings that come out. Everything is found from the test's own place in the build
// directory, so a test can be started by hand.
#pragma once

#include <boost/json/object.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "support/subprocess.h"
#include "support/temp_dir.h"

namespace heapmeter::testing {

std::filesystem::path build_root();
std::filesystem::path source_root();
std::filesystem::path library();                        // the libheapmeter.so under test
std::filesystem::path bare_mimalloc();                  // the one it was built with, to be preloaded alone
std::filesystem::path victim(const std::string &name);  // a program of tests/preload/programs
std::filesystem::path program(
    const std::string &name);  // one of the system's; throws when it is not installed

// Copies of the library and of a victim where every user may read them: the build may lie where others have
// no way in.
class PublicCopies {
 public:
  explicit PublicCopies(const std::string &victim_name);
  std::filesystem::path library() const { return dir_ / "libheapmeter.so"; }
  std::filesystem::path victim() const { return dir_ / victim_name_; }

 private:
  TempDir dir_;
  std::string victim_name_;
};

// One snapshot, by the names of counters.def.
class Reading {
 public:
  explicit Reading(boost::json::object fields) : fields_(std::move(fields)) {}
  std::int64_t operator[](const std::string &counter) const;  // throws when it is missing
  std::int64_t by_kind(const std::string &table, const std::string &kind) const;
  const boost::json::object &fields() const { return fields_; }

 private:
  boost::json::object fields_;
};

class Meter {
 public:
  // Adds the meter to an environment.
  Environment environment(Environment base = plain_environment()) const;
  std::filesystem::path directory() const { return dir_ / "sockets"; }

  // For programs that become another user: their reports, which are asked for by path, find room.
  void let_all_report() const { std::filesystem::permissions(dir_.path(), std::filesystem::perms(0777)); }
  // For programs that are another user's from the start; after environment(), and for root only.
  void give_to(uid_t user) const { dir_.give_to(user); }

  // The socket of a process; waits for it, throws when none appears.
  std::filesystem::path socket_of(pid_t pid) const;
  std::vector<std::filesystem::path> sockets() const;
  Reading snapshot(pid_t pid) const;  // over the socket
  Reading report(pid_t pid) const;    // what the process wrote at its exit
  bool reported(pid_t pid) const;
  std::vector<Reading> reports() const;  // of every process that left one
  std::filesystem::path report_path(pid_t pid) const;

 private:
  TempDir dir_;
};

struct Metered {
  Outcome outcome;
  Reading report;
};

// Runs a command to its end under the meter. Throws when it left no report.
Metered run_metered(Command command);

// Whether programs are put on the mimalloc that is here, which the library keeps off where it destroys
// blocks: 3.0.1. Otherwise they keep libc's allocator, as with HEAPMETER_BACKEND=next, and what is promised
// of mimalloc is not to be seen.
bool is_on_mimalloc();
int mimalloc_version();  // 209 is 2.0.9
inline constexpr const char *kKeepsOff = "programs are not put on the mimalloc that is here";

}  // namespace heapmeter::testing
