// SPDX-License-Identifier: MIT
//
// A reading kept: pages of one process at one moment, as its library served them, with when and where they
// were read, as JSON that any machine can read. Where it is kept is mark_store's. What a process reports of
// itself at its exit (HEAPMETER_REPORT), alone or in the summary that run --json makes, is read likewise.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "readings/reading.h"
#include "readings/size_classes.h"
#include "readings/target.h"
#include "readings/thread_list.h"

namespace heapmeter::cli {

struct Mark {
  std::string name;
  double time = 0;  // of the reading, seconds since 1970
  std::string host, boot_id;
  int local_pid = 0;  // of the process, as its reader saw it; 0 when unseen
  std::string socket;
  Reading reading;
  std::vector<SizeClass> classes;
  ThreadList threads;
  boost::json::object file;    // all of it
  boost::json::object of_run;  // the whole summary, where it is the reading in what run --json wrote
  std::vector<Mark> members;   // of a group, of which all the rest is the sum
  bool at_exit = false;        // a report: no host, boot, local pid or socket
  // An older library reports neither, and none reports very many threads.
  bool has_classes = true, has_threads = true;

  // "name (pid)", or of a group "name: 21 processes".
  std::string process() const;
  // A run that was killed, which is what it was last read to be.
  bool is_last_reading() const;
  // "at its exit", or "as last read" of a run that was killed; "" of one that was alive.
  std::string moment() const;
};

// Marks of several processes as one of them all; at least one. `group` says how they were chosen.
Mark group_mark(std::vector<Mark> members, const std::string &name, const std::string &word,
                boost::json::object group);

// Now. Throws as ask_target does. The pages of a busy process are of one moment each, a millisecond apart.
Mark take_mark(const Target &target, const std::string &name, std::chrono::milliseconds patience);

// Of a mark or a report, whose name is left empty, and whose time is 0 when it does not say it. Throws
// UserError; `where` says whose text it is.
Mark parse_mark(std::string_view text, const std::string &where);

// What every such text begins with, and no other file.
bool begins_as_mark(std::string_view text);

// Since the last boot of this machine; "" when not to be read.
std::string this_boot();
// Of one process: pids, and clock ticks since boot, mean something within one boot. Where a report says
// nothing of that, the nanosecond since when it counts tells.
bool same_process(const Mark &one, const Mark &other);

}  // namespace heapmeter::cli
