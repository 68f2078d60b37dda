// SPDX-License-Identifier: MIT
//
// One row of the matrix: one behaviour that must be the same with the meter as without, as one small program
// or one line of shell. Each group is a table of rows in a file of its own, named after the group; the runner
// does the rest. README.md beside says how to add one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "looker.h"
#include "support/meter.h"

namespace heapmeter::testing::matrix {

enum class Mode { kPlain, kBareMimalloc, kMimalloc, kNext };

const char *name(Mode mode);
inline bool metered(Mode mode) { return mode == Mode::kMimalloc || mode == Mode::kNext; }

// One run of a row, for the row's own assertions. The report is there when the process left one.
struct Run {
  Mode mode;
  const Meter *meter;  // null when not metered
  Outcome outcome;
  std::optional<Reading> report;
  Looker::Answers looks = {};  // of a row that is looked at
};

// A process of a row while it runs, in any mode.
struct Visit {
  Mode mode;
  Process &process;
  const Meter *meter;  // null when not metered

  // Of a metered one. A service that has gone for good is told of soon, and with the reason that is known.
  std::filesystem::path socket() const;
  Reading snapshot() const;
};

// What the meter must know at the end.
enum class Counted {
  kReport,      // a report, with no wrong call in it
  kFaults,      // a report, wrong calls and all: the row looks itself
  kNoMatter,    // the process ends too abruptly for one, or may not write: none is asked for
  kUnreported,  // the process may not write one: it was ended, or ended itself, without further ado
  kNothing,     // nothing was metered, and `because` says why
};

struct Row {
  std::string name;     // a name for gtest: letters, digits, underscores
  std::string promise;  // what works, in half a line

  // The program: "@holder" is a victim, a word without '/' one of the system's; in arguments, too, a leading
  // '@' is the place of a victim. Or a script for bash, in which $METERED stands before the one command to be
  // metered, ${VICTIMS} is where the victims are, $PRELOADED what the mode preloads, $METER the meter's
  // library in any mode, $TMPDIR a private directory.
  std::vector<std::string> argv = {};
  std::string script = {};
  bool by_tool = false;  // metered by `heapmeter run` instead of LD_PRELOAD; with argv only
  Environment environment = {};
  std::chrono::seconds deadline{60};
  std::optional<std::chrono::seconds> bare_deadline = {};  // of bare mimalloc, where it waits for itself

  // How it must end in every mode: checked on the unmetered run, the others are compared with that.
  int exit_code = 0;  // -1 with a signal
  int signal = 0;

  Counted counted = Counted::kReport;
  std::string because = {};  // why it is refused, not metered, or may differ: published
  bool refused = false;      // the metered run ends otherwise, with a reason that `check` has to look for
  bool on_next = false;      // the program's own allocator is counted whichever was asked for
  bool repeated = false;     // also one of the rows run a thousand times
  bool looked_at = false;    // metered, it is looked at for lost blocks all the while, and at its exit
  std::string no_look = {};  // why there is none at its exit

  std::function<std::string()> skip = nullptr;       // a reason, or ""
  std::function<void(Visit &)> visit = nullptr;      // while it runs, in every mode
  std::function<void(const Run &)> check = nullptr;  // after a metered run
};

struct Group {
  std::string name;
  std::vector<Row> rows;
};

// Each group's file defines its own; a test program has the one it is named after.
Group exit_group();
Group kernel_group();
Group looks_group();
Group memory_group();
Group observers_group();
Group preloads_group();
Group processes_group();
Group signals_group();
Group start_group();
Group threads_group();
Group group();

// Some of the kernel's.
std::vector<Row> limit_rows();
std::vector<Row> namespace_rows();

// The same while every allocation is attributed to the code that makes it.
Row with_every(Row row);
// Of all rows, in another mode than the one that is published: what HEAPMETER_SAMPLE is set to, or "".
std::string sample_of_all();
// Whether each process of a row tells of its birth and its end, as under `heapmeter run`.
bool all_under_run();
// The modes above in a word, or "".
std::string mode_of_all();

// For Row::visit: it says "ready", and is served then as ever.
std::function<void(Visit &)> is_served(std::int64_t least_live_bytes = 1);

// For Row::skip.
std::string unless_root();
// Root, on a machine where a test may do what every other process notices.
std::string unless_machine_is_ours();

}  // namespace heapmeter::testing::matrix
