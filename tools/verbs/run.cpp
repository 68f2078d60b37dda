// SPDX-License-Identifier: MIT
//
// heapmeter run: starts a program metered and is, for everybody else, that program; then the summary.
#include <chrono>
#include <set>
#include <utility>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fmt/format.h>

#include "doctor/memory_owners.h"
#include "doctor/program.h"
#include "doctor/runtime_heaps.h"
#include "run/environment.h"
#include "run/exit_reports.h"
#include "run/launch.h"
#include "run/lost_at_exit.h"
#include "run/markdown.h"
#include "run/notices.h"
#include "run/program_order.h"
#include "run/sites_at_exit.h"
#include "run/summary.h"
#include "run/watcher.h"
#include "system/elf_file.h"
#include "system/library.h"
#include "system/process.h"
#include "system/program.h"
#include "text/json_text.h"
#include "text/output.h"
#include "text/sample_word.h"
#include "text/terminal.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/fail_if.h"
#include "verbs/suppress.h"
#include "verbs/wrong_places.h"

namespace heapmeter::cli {
namespace {

// Of the option, or else of the environment that the program will have: the library would let the program
// run, and not note anything.
void check_sampling(bool given, std::string &option) {
  const auto refuse = [](const char *name, const std::string &value) {
    throw UserError(no_sample_word(name, value, "run"), kUsage);
  };
  const char *inherited = getenv("HEAPMETER_SAMPLE");
  if (!given) {
    if (inherited != nullptr && *inherited != '\0' && sample_word(inherited) != inherited)
      refuse("HEAPMETER_SAMPLE=", inherited);
    return;
  }
  const auto word = sample_word(option);
  if (!word) refuse("--sites=", option);
  option = *word;
}

// Opened before the program starts: a wrong path is told at once, not after an hour.
class Sink {
 public:
  Sink(const std::string &path, const char *option) : path_(path) {
    if (path.empty()) return;
    fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd_ < 0) {
      throw UserError(
          fmt::format("the summary cannot go to {}: {}; choose another {}", path, strerror(errno), option));
    }
  }
  ~Sink() {
    if (fd_ != STDERR_FILENO) close(fd_);
  }
  Sink(const Sink &) = delete;
  Sink &operator=(const Sink &) = delete;

  int fd() const { return fd_; }
  // To stderr there is nobody to tell; the program's exit code is what counts.
  void write(std::string_view text) const {
    const int error = output::write_to(fd_, text);
    if (error == 0 || path_.empty()) return;
    output::note(fmt::format("the summary could not be written to {}: {}", path_, strerror(error)));
  }

 private:
  std::string path_;
  int fd_ = STDERR_FILENO;
};

// Refuses, or says what will be missing; returns what may leave the summary without a reading.
std::vector<std::string> check(const std::string &program, const std::filesystem::path &library,
                               const RunOptions &options) {
  std::vector<std::string> notes;
  for (const Finding &finding : program_findings(program, library)) {
    if (finding.effect() == Effect::kRefused) throw UserError(finding.sentence());
    if (finding.effect() == Effect::kNote) continue;
    if (finding.found == Found::k_socket_directory && !options.serve) continue;
    if (finding.keeps_from_reading() || finding.found == Found::k_unreadable)
      notes.push_back(finding.sentence());
    if (!options.quiet) output::note(finding.sentence());
  }
  return notes;
}

// The end of it is known from the report alone.
void add_shape(RunResult &result, const Watcher &watcher) {
  result.shape = watcher.shape();
  result.together = watcher.together();
  result.seen_together = watcher.most_together();
  if (const auto &time = watcher.peak_time()) result.peak_time = {time->from, time->to};
  if (!result.from_report) return;
  const double wall = result.ending.wall_seconds;
  const Reading &report = *result.reading;
  const Watcher::Last *last = watcher.last();
  const bool higher = last == nullptr || report.least_peak() > last->relative.reading.most_peak();
  const auto &moments = result.shape.moments();
  if (higher) result.peak_time = {moments.empty() ? 0 : moments.back().seconds, wall};
  result.shape.add({wall, report.live_bytes, higher ? report.most_peak() : report.live_bytes});
}

// Others that were read and left no report: killed, ended by _exit, or still there. Of a process that became
// another program, the last one reports.
void add_unreported(RunResult &result, const Watcher &watcher, std::vector<Relative> before) {
  std::set<std::pair<int, std::uint64_t>> told;
  const auto key = [](const Reading &reading) { return std::pair(reading.pid, reading.start_time); };
  for (const Relative &each : result.children) told.insert(key(each.reading));
  if (result.reading) told.insert(key(*result.reading));
  for (const Watcher::Last *each : watcher.others()) {
    const Reading &reading = each->relative.reading;
    const bool told_at_exec = std::any_of(before.begin(), before.end(), [&](const Relative &other) {
      return other.reading.pid == reading.pid && other.reading.counting_since_ns == reading.counting_since_ns;
    });
    if (told_at_exec || told.contains(key(reading))) continue;
    result.children.push_back(each->relative);
    result.children.back().age_seconds = std::chrono::duration<double>(each->seen - each->taken).count();
  }
  for (Relative &each : before) result.children.push_back(std::move(each));
}

// What left no report and does not run on, and what was never counted.
void add_unaccounted(RunResult &result, const Notices &notices, const std::filesystem::path &library) {
  std::set<int> known(result.still_running.begin(), result.still_running.end());
  if (result.from_report) known.insert(result.pid);
  for (const Relative &each : result.children) known.insert(each.reading.pid);
  // Who began since the others were looked for may live, too.
  const auto is_accounted = [&](int pid) {
    if (known.contains(pid)) return true;
    if (process::has_library(pid) != true) return false;
    result.still_running.push_back(pid);
    return true;
  };
  Unaccounted found = unaccounted(notices, is_accounted, is_left_out);
  result.uncounted = with_unentered(std::move(result.uncounted), found.unentered, library);
  result.all_reported = result.from_report && found.unreported.empty() && result.uncounted.empty() &&
                        result.still_running.empty() && !any_became_another(notices);
  for (Unreported &each : found.unreported) {
    if (each.pid == result.pid)
      result.report_failure = each.why;
    else
      result.unreported.push_back(std::move(each));
  }
}

void add_own_heaps(RunResult &result) {
  const Lookup variable = [](const std::string &name) -> std::string {
    const char *value = getenv(name.c_str());
    return value == nullptr ? "" : value;
  };
  if (result.grower)
    result.grower->owners = beside_malloc(result.grower->executable, result.grower->program, variable).owners;
  for (const ProgramRow &row : tree_of(result).programs) {
    if (row.beyond_malloc_bytes == 0 || row.executable.empty()) continue;
    BesideMalloc found = beside_malloc(row.executable, row.name, variable);
    if (found.owners.empty()) continue;
    result.own_heaps[row.executable] = std::move(found.what);
    result.owners[row.executable] = std::move(found.owners);
  }
}

RunResult run_to_its_end(const std::vector<std::string> &command, const RunOptions &options, bool told) {
  const std::string program = find_program(command.front());
  const auto library = library::find();
  RunResult result;
  result.command = command;
  // The directory is where its sockets will be; we look there too.
  const ExitReports reports;
  const Variables variables = run_environment(options, library, reports.pattern(), reports.directory());
  for (const auto &[name, value] : variables) {
    if (name == "HEAPMETER_DIR") setenv(name.c_str(), value.c_str(), 1);
  }
  result.notes = check(program, library, options);
  hold_signals();
  Launch launch(program, command, variables);
  Watcher watcher(launch.pid(), options.follow, reports.directory(), !options.sites.empty());
  result.pid = launch.pid();
  result.ending = launch.wait();
  const auto ended = std::chrono::steady_clock::now();
  watcher.stop();
  result.uncounted = watcher.uncounted();
  if (!told) return result;
  // In this order: who ends meanwhile has reported, or is one of these.
  result.still_running = reports.still_running();
  const Notices notices = reports.notices();
  result.reading = reports.of_process(result.pid);
  result.from_report = result.reading.has_value();
  if (const Watcher::Last *last = watcher.last(); last != nullptr && !result.from_report) {
    result.reading = last->relative.reading;
    result.reading_age_seconds = std::chrono::duration<double>(ended - last->taken).count();
    result.seen = last->relative;
    result.seen->age_seconds = result.reading_age_seconds;
  }
  add_shape(result, watcher);
  result.grower = watcher.grower();
  result.live_sites = watcher.sites();
  const char *own_report = getenv("HEAPMETER_REPORT");
  if (own_report != nullptr && strchr(own_report, '/') == nullptr) result.report_elsewhere = own_report;
  result.children = reports.of_others(result.pid, notices);
  add_unaccounted(result, notices, library);
  add_unreported(result, watcher, before_becoming_another(notices, result.unreported));
  result.no_room = reports.lack_of_room();
  add_own_heaps(result);
  return result;
}

std::vector<Reading> reports_of_children(const RunResult &result) {
  std::vector<Reading> reports;
  for (const Relative &each : result.children) {
    if (each.from_report && !each.became_another) reports.push_back(each.reading);
  }
  return reports;
}

Page page_of(int fd) {
  const int columns = terminal_columns(fd);
  return {columns > 0 ? columns : 80, speaks_utf8()};
}

}  // namespace

int cmd_run(const Arguments &arguments) {
  RunOptions options;
  bool no_follow = false, no_serve = false, python = false;
  std::string markdown, sort;
  Parser parser("run", "[OPTIONS] [--] PROGRAM [ARGUMENT...]",
                "Starts a program metered, passes everything through, and sums up at its end.\n"
                "Exit code: the program's, or 128 + n for signal n; 127 no such program, 126 not\n"
                "executable, 1 cannot be metered, 2 usage, 3 a --fail-if holds.\n"
                "~ before a peak: about; --json says between what.",
                "  heapmeter run -- python3 -m json.tool big.json\n"
                "  heapmeter run --json --output heap.json -- make -j4\n"
                "  heapmeter run --fail-if 'lost>0' --fail-if 'peak_bytes>200M' -- ./tests");
  parser.option("--backend", options.backend, "NAME", "the allocator underneath: mimalloc, or next",
                {"mimalloc", "next"});
  parser.flag("--no-follow", no_follow, "do not meter the processes it starts");
  parser.flag("--no-serve", no_serve, "no socket: counted, but not to be read until the end");
  parser.optional_value(
      "--sites", options.sites, "HOW", "every",
      "note which code allocates, for heapmeter sites: of every allocation, or, with an equals sign and "
      "a size (--sites=512K), of one in so many bytes");
  parser.flag(
      "--leaks", options.leaks,
      "at its exit, which blocks nothing points at any more, and which code lost them (with --sites)");
  FailIf fail_if;
  fail_if.add_options(parser);
  Suppress suppress;
  suppress.add_options(parser);
  parser.flag("--python", python, "count each of Python's objects, too (PYTHONMALLOC=malloc)");
  parser.option("--sort", sort, "COLUMN", "the table of programs by this column, most first (peak)",
                program_orders());
  parser.option("--markdown", markdown, "FILE", "also as a pull request's comment, to this file");
  parser.option("--output", options.output, "FILE", "the summary to this file, not to stderr");
  parser.json(options.json, "the summary as a JSON object");
  parser.flag("--quiet", options.quiet, "no summary on stderr; to --output it is written");
  parser.option("--dir", options.directory, "DIR", "directory for the sockets");
  const Parser::Split split = parser.split(arguments);
  if (!parser.parse(split.options)) return kOk;
  if (split.command.empty()) {
    throw UserError("no program is named; heapmeter run -- PROGRAM [ARGUMENT...], or heapmeter run --help",
                    kUsage);
  }
  const bool tells_sites = parser.given("--sites");
  check_sampling(tells_sites, options.sites);
  options.follow = !no_follow;
  options.serve = !no_serve;
  fail_if.prepare({conditions::names_of_run()});
  options.leaks |= fail_if.asks_for_a_look() || suppress.any();
  if (options.leaks && options.sites.empty() && getenv("HEAPMETER_SAMPLE") == nullptr)
    options.sites = "every";
  const auto &rules = suppress.rules();

  if (python) setenv("PYTHONMALLOC", "malloc", 1);

  const Sink sink(options.output, "--output"), comment(markdown, "--markdown");
  const bool silent = options.quiet && options.output.empty();
  const bool told = !silent || fail_if.any() || suppress.wants_made() || !markdown.empty();
  RunResult result = run_to_its_end(split.command, options, told);
  result.sort = sort;
  if (result.reading && result.from_report) {
    std::string made;
    result.lost = lost_at_exit(*result.reading, reports_of_children(result), rules, &made);
    suppress.save(made, result.lost && !result.lost->rows.empty());
  }
  if (tells_sites && told) {
    result.sites = sites_at_exit(result);
    if (result.reading) find_reported_places(*result.reading);
    for (Relative &each : result.children) find_reported_places(each.reading);
  }
  if (!silent && !options.json)
    sink.write(summary_text(result, Paint::for_fd(sink.fd()), page_of(sink.fd())));
  boost::json::object summary = summary_json(result);
  if (fail_if.any()) fail_if.judge(conditions::figures_in(summary));
  // The summary, where there is one for eyes, has told where.
  if (result.lost && fail_if.found_lost() && (silent || options.json))
    output::write_to(STDERR_FILENO,
                     lost_places(*result.lost, Paint::for_fd(STDERR_FILENO), page_of(STDERR_FILENO)));
  summary["failed"] = fail_if.failed_json();
  if (!markdown.empty()) comment.write(summary_markdown(result, fail_if.failed_json()));
  if (!silent && options.json) sink.write(json_text(summary) + "\n");
  return fail_if.exit_code(result.ending.exit_code);
}

}  // namespace heapmeter::cli
