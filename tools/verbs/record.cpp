// SPDX-License-Identifier: MIT
//
// heapmeter record: readings of processes, every few seconds, into one file.
#include <signal.h>

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include "readings/target.h"
#include "record/recorder.h"
#include "system/signals.h"
#include "targets/chosen.h"
#include "text/amount.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "text/terminal.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"

namespace heapmeter::cli {
namespace {

constexpr double kLeastInterval = 0.1, kMostInterval = 86400;
constexpr std::uint64_t kLeastLimit = 64u << 10;

struct Options {
  std::string file = kUsualRecording, interval = "10", duration, limit = "64M";
  std::vector<std::string> targets;
  bool json = false;
};

double seconds_of(const std::string &option, const std::string &text) {
  if (const auto seconds = seconds_in(text)) return *seconds;
  throw UserError(
      fmt::format("{} takes a time, such as 10, 90s, 5m, 8h or 1d; '{}' is none", option, printable(text)),
      kUsage);
}

record::Plan plan_of(const Options &options) {
  record::Plan plan;
  plan.targets = options.targets;
  plan.interval_seconds = seconds_of("--interval", options.interval);
  if (plan.interval_seconds < kLeastInterval || plan.interval_seconds > kMostInterval)
    throw UserError(fmt::format("an interval of {} is outside 0.1 s to 1 d; see heapmeter record --help",
                                printable(options.interval)),
                    kUsage);
  if (!options.duration.empty()) plan.duration_seconds = seconds_of("--for", options.duration);
  const auto most = bytes_in(options.limit);
  if (!most || *most < kLeastLimit)
    throw UserError(fmt::format("--limit takes a size of 64K or more, such as 20M or 1G; '{}' is none",
                                printable(options.limit)),
                    kUsage);
  plan.most_bytes = *most;
  return plan;
}

// Those that end it; one that was ignored when we were started (nohup) stays so.
sigset_t ending_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    if (!signals::is_ignored(number)) sigaddset(&ending, number);
  }
  sigprocmask(SIG_BLOCK, &ending, nullptr);
  return ending;
}

bool names_one(const std::string &target) {
  return target.find('/') != target.npos || target.find_first_not_of("0123456789") == target.npos;
}

// A name may be of one to come, or mistyped.
void tell_who_is_not_there(const std::vector<std::string> &targets) {
  for (const std::string &target : targets) {
    if (names_one(target)) continue;
    try {
      choose({.words = {target}});
    } catch (const UserError &) {
      output::note(fmt::format("no metered process is named '{}' yet: waiting for one", printable(target)));
    }
  }
}

std::string closing_line(const record::Recorder &recorder, const record::RecordingFile &file) {
  std::string line =
      fmt::format("{} of {} recorded, {} holds {}", format::counted(recorder.readings(), "reading"),
                  recorder.processes() == 1 ? "1 process" : fmt::format("{} processes", recorder.processes()),
                  printable(file.path()), format::bytes(static_cast<double>(file.size())));
  if (recorder.lost_readings() > 0)
    line += fmt::format("; {} more could not be written", format::grouped(recorder.lost_readings()));
  if (recorder.thinned() > 0) line += " (thinned out: what is old has longer intervals)";
  return line + "; heapmeter report " + printable(file.path()) + " shows it";
}

}  // namespace

int cmd_record(const Arguments &arguments) {
  Options options;
  Parser parser(
      "record", "[OPTIONS] [TARGET...]",
      "Reads all metered processes, or some, every few seconds into one compact file, until Ctrl-C, a\n"
      "SIGTERM, or the end of those that were named by their pids; heapmeter report shows it. A file\n"
      "that is a recording is gone on with, any other one stays as it is. Near a limit of memory it\n"
      "reads ten times as often. Where code is told apart (run --sites, sites --sample), which code\n"
      "holds what is recorded, too.",
      "  heapmeter record &                         all processes, every 10 s, to heapmeter.hm\n"
      "  heapmeter record -o prod.hm -i 5 --for 8h 'shop*' 4711\n"
      "  heapmeter report prod.hm --html prod.html");
  parser.words("TARGET", options.targets,
               "pids, names, also of processes to come, patterns as 'shop*', sockets");
  parser.option("-o,--output", options.file, "FILE", "the recording; heapmeter.hm when not given");
  parser.option("-i,--interval", options.interval, "TIME", "a reading every so often; 10 s when not given");
  parser.option("--for", options.duration, "TIME", "end after that long, such as 90s, 30m, 8h, 7d");
  parser.option("--limit", options.limit, "SIZE",
                "bytes the file may have (64M): what is old is kept at longer intervals then");
  parser.json(options.json, "a JSON object at the end");
  if (!parser.parse(arguments)) return kOk;
  const record::Plan plan = plan_of(options);
  for (const std::string &target : plan.targets) {
    // A name may be of one to come; a pid says who is meant.
    if (names_one(target)) resolve_target(target);
  }
  const sigset_t ending = ending_signals();
  record::RecordingFile file(options.file);
  if (file.torn_bytes() > 0) {
    output::note(fmt::format("the last {} of {} were not whole (its recorder was killed), and are left out",
                             format::counted(file.torn_bytes(), "byte"), printable(options.file)));
  }
  record::Recorder recorder(file, plan);
  tell_who_is_not_there(plan.targets);
  recorder.run(ending);
  if (options.json) {
    output::write(json_text(boost::json::object{{"schema", 1},
                                                {"file", file.path()},
                                                {"file_bytes", file.size()},
                                                {"readings", recorder.readings()},
                                                {"lost_readings", recorder.lost_readings()},
                                                {"processes", recorder.processes()},
                                                {"thinned", recorder.thinned()}}) +
                  "\n");
  } else {
    output::note(closing_line(recorder, file));
  }
  return recorder.lost_readings() == 0 ? kOk : kFailed;
}

}  // namespace heapmeter::cli
