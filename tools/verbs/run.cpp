// SPDX-License-Identifier: MIT
//
// heapmeter run: starts a program metered and is, for everybody else, that program; then the summary.
#include <chrono>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fmt/format.h>

#include "doctor/program.h"
#include "run/environment.h"
#include "run/exit_reports.h"
#include "run/launch.h"
#include "run/lost_at_exit.h"
#include "run/summary.h"
#include "run/watcher.h"
#include "system/library.h"
#include "system/program.h"
#include "text/json_text.h"
#include "text/output.h"
#include "text/sample_word.h"
#include "text/terminal.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/fail_if.h"
#include "verbs/suppress.h"

namespace heapmeter::cli {
namespace {

// Of the option, or else of the environment that the program will have: the library would let the program
// run, and not note anything.
void check_sampling(bool given, std::string &option) {
  const auto refuse = [](const char *name, const std::string &value) {
    throw UserError(
        fmt::format("{}{} is no way to note which code allocates; give {}; see heapmeter run --help", name,
                    printable(value), kSampleWords),
        kUsage);
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
  explicit Sink(const std::string &path) : path_(path) {
    if (path.empty()) return;
    fd_ = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd_ < 0) {
      throw UserError(
          fmt::format("the summary cannot go to {}: {}; choose another --output", path, strerror(errno)));
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

RunResult run_to_its_end(const std::vector<std::string> &command, const RunOptions &options, bool told) {
  const std::string program = find_program(command.front());
  const auto library = library::find();
  RunResult result;
  result.command = command;
  // The directory is where its sockets will be; we look there too.
  const ExitReports reports;
  const Variables variables = run_environment(options, library, reports.pattern());
  for (const auto &[name, value] : variables) {
    if (name == "HEAPMETER_DIR") setenv(name.c_str(), value.c_str(), 1);
  }
  result.notes = check(program, library, options);
  hold_signals();
  Launch launch(program, command, variables);
  Watcher watcher(launch.pid(), options.follow);
  result.pid = launch.pid();
  result.ending = launch.wait();
  const auto ended = std::chrono::steady_clock::now();
  watcher.stop();
  const auto &last = watcher.last();
  result.uncounted = watcher.uncounted();
  if (!told) return result;
  result.reading = reports.of_process(result.pid);
  result.from_report = result.reading.has_value();
  if (!result.from_report && last) {
    result.reading = last->reading;
    result.reading_age_seconds = std::chrono::duration<double>(ended - last->taken).count();
  }
  const char *own_report = getenv("HEAPMETER_REPORT");
  if (own_report != nullptr && strchr(own_report, '/') == nullptr) result.report_elsewhere = own_report;
  result.children = reports.of_others(result.pid);
  result.still_running = reports.still_running();
  return result;
}

}  // namespace

int cmd_run(const Arguments &arguments) {
  RunOptions options;
  bool no_follow = false, no_serve = false;
  Parser parser("run", "[OPTIONS] [--] PROGRAM [ARGUMENT...]",
                "Starts a program metered, passes everything through, and sums up at its end.\n"
                "Exit code: the program's, or 128 + n for signal n; 127 no such program, 126 not\n"
                "executable, 1 cannot be metered, 2 usage, 3 a --fail-if holds.",
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
  parser.option("--output", options.output, "FILE", "the summary to this file, not to stderr");
  parser.json(options.json, "the summary as a JSON object");
  parser.flag("--quiet", options.quiet, "no summary");
  parser.option("--dir", options.directory, "DIR", "directory for the sockets");
  const Parser::Split split = parser.split(arguments);
  if (!parser.parse(split.options)) return kOk;
  if (split.command.empty()) {
    throw UserError("no program is named; heapmeter run -- PROGRAM [ARGUMENT...], or heapmeter run --help",
                    kUsage);
  }
  check_sampling(parser.given("--sites"), options.sites);
  options.follow = !no_follow;
  options.serve = !no_serve;
  fail_if.prepare({conditions::names_of_run()});
  options.leaks |= fail_if.asks_for_a_look() || suppress.any();
  if (options.leaks && options.sites.empty() && getenv("HEAPMETER_SAMPLE") == nullptr)
    options.sites = "every";
  const auto &rules = suppress.rules();

  const Sink sink(options.output);
  const bool told = !options.quiet || fail_if.any() || suppress.wants_made();
  RunResult result = run_to_its_end(split.command, options, told);
  if (result.reading && result.from_report) {
    std::string made;
    result.lost = lost_at_exit(*result.reading, result.children, rules, &made);
    suppress.save(made);
  }
  if (!options.quiet && !options.json)
    sink.write(summary_text(result, Paint::for_fd(sink.fd()), terminal_columns(sink.fd()), speaks_utf8()));
  boost::json::object summary = summary_json(result);
  if (fail_if.any()) fail_if.judge(conditions::figures_in(summary));
  summary["failed"] = fail_if.failed_json();
  if (!options.quiet && options.json) sink.write(json_text(summary) + "\n");
  return fail_if.exit_code(result.ending.exit_code);
}

}  // namespace heapmeter::cli
