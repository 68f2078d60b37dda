// SPDX-License-Identifier: MIT
//
// heapmeter stat: one process, one full reading, or a line of them every few seconds.
#include <chrono>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>

#include "readings/rates.h"
#include "readings/target.h"
#include "system/process.h"
#include "system/resident.h"
#include "targets/chosen.h"
#include "targets/group_reading.h"
#include "targets/person.h"
#include "text/fit.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/look.h"
#include "verbs/observing.h"
#include "verbs/pacing.h"
#include "verbs/target_options.h"
#include "verbs/watched_members.h"
#include "verbs/wrong_places.h"
#include "verdicts/judge.h"
#include "views/process_table.h"
#include "views/reading.h"
#include "views/reading_csv.h"
#include "views/series_table.h"
#include "views/verdicts.h"

namespace heapmeter::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};
constexpr std::size_t kFewNamed = 3;
constexpr int kRowsUnderHeader = 20;  // where there is no terminal to ask

struct Options {
  Wanted wanted;
  Pace pace;
  bool json = false, csv = false, bytes = false;
};

// The schema of stat --json: the snapshot, then rss_bytes, then, from the second of a series on, rates.
std::string json_line(const Reading &reading, std::optional<std::uint64_t> resident,
                      const std::optional<Rates> &rates, const std::vector<verdicts::Verdict> &verdicts) {
  boost::json::object object = {{"schema", 1}};
  object.insert(reading.fields.begin(), reading.fields.end());
  object["rss_bytes"] = or_null(resident);
  if (rates) object["rates"] = to_json(*rates);
  object["verdicts"] = to_json(verdicts);
  return json_text(object) + "\n";
}

// By live and resident memory, and what grows; heapmeter account has more to go by.
std::vector<verdicts::Verdict> verdicts_of(const verdicts::Watched &watched, const Reading &reading,
                                           const Growth &growth, bool ended = false) {
  verdicts::Observed observed;
  observed.series = watched.series();
  observed.reading = reading;
  observed.ended = ended;
  return growth.judge(std::move(observed));
}

// The rows of a series under their header, which comes again when a terminal has scrolled it away.
class Rows {
 public:
  Rows(const Options &options, bool of_group)
      : table_(Units{options.bytes}, of_group, terminal_columns(STDOUT_FILENO)),
        paint_(Paint::for_fd(STDOUT_FILENO)) {}

  void write(const SeriesRow &row) {
    const int height = terminal_rows(STDOUT_FILENO);
    const int room = height > 3 ? height - 2 : kRowsUnderHeader;
    const std::string header = rows_++ % room == 0 ? paint_.title(table_.header()) : "";
    output::write(header + table_.row(row));
  }

 private:
  const SeriesTable table_;
  const Paint paint_;
  int rows_ = 0;
};

class Series {
 public:
  Series(const Target &target, const Options &options)
      : target_(target), options_(options), rows_(options, false) {}

  void show(const Reading &reading) {
    const auto resident = process::resident_bytes(target_.local_pid);
    const auto rates = before_ ? rates_between(*before_, reading) : std::nullopt;
    watched_.add(reading, resident, process::anonymous_bytes(target_.local_pid));
    growth_.note(reading);
    if (options_.json) {
      output::write(json_line(reading, resident, rates, verdicts_of(watched_, reading, growth_)));
    } else if (options_.csv) {
      output::write((before_ ? "" : csv_header()) + csv_row(seconds_since_1970(), reading, resident, rates));
    } else {
      if (before_ && !rates) {
        output::note(target_.label() + " started its counters anew (exec)");
      }
      rows_.write({&reading, resident, rates});
    }
    before_ = reading;
  }

  // What was seen, for people.
  void sum_up(bool ended) const {
    if (options_.json || options_.csv) return;
    output::write("\n" + verdicts_text(verdicts_of(watched_, *before_, growth_, ended),
                                       Paint::for_fd(STDOUT_FILENO), terminal_columns(STDOUT_FILENO)));
  }

 private:
  const Target &target_;
  const Options &options_;
  Rows rows_;
  verdicts::Watched watched_;
  Growth growth_{target_, kPatience};
  std::optional<Reading> before_;
};

std::string label_of(const Member &member) {
  return fmt::format("{} ({})", printable(member.name()), member.shown_pid());
}

class GroupSeries {
 public:
  explicit GroupSeries(const Options &options)
      : options_(options), reader_(options.wanted), rows_(options, true) {}

  // False when nobody is there.
  bool show() {
    const auto reading = reader_.read(kPatience);
    if (!reading) return false;
    const bool first = std::exchange(first_, false);
    watched_.add(verdicts::moment(seconds_gone(), reading->sum.live_bytes, reading->totals.resident_bytes));
    beside_.add(reading->members);
    last_ = *reading;
    if (first) at_first_ = reading->totals.processes;
    if (options_.json) {
      output::write(json_text(to_json(*reading)) + "\n");
    } else if (options_.csv) {
      output::write((first ? csv_header({"processes"}) : "") +
                    csv_row(seconds_since_1970(), reading->sum, reading->totals.resident_bytes,
                            reading->totals.rates, {std::to_string(reading->totals.processes)}));
    } else if (options_.pace.interval > 0) {
      rows_.write(
          {&reading->sum, reading->totals.resident_bytes, reading->totals.rates, reading->totals.processes});
    } else {
      show_block(*reading);
    }
    tell_silent(*reading);
    return true;
  }

  // What was seen, for people. Of processes that came and went live grows and shrinks with them.
  void sum_up() const {
    if (options_.json || options_.csv) return;
    verdicts::Observed observed;
    observed.series = watched_.series();
    observed.reading = last_.sum;
    observed.grower = beside_.most(last_.members);
    std::vector<verdicts::Verdict> verdicts = verdicts::judge(observed);
    for (verdicts::Verdict &each : verdicts) {
      const std::size_t growing = each.kind == verdicts::Kind::k_growth_beside ? beside_.growing() : 0;
      if (growing > 1) each.evidence += fmt::format("; {} processes in all do so", growing);
    }
    const Paint paint = Paint::for_fd(STDOUT_FILENO);
    const std::size_t now = last_.totals.processes;
    const std::string others =
        now == at_first_ ? "" : labelled(paint, "processes", fmt::format("{}, were {}", now, at_first_));
    output::write("\n" + others + verdicts_text(verdicts, paint, terminal_columns(STDOUT_FILENO)));
  }

 private:
  double seconds_gone() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

  void show_block(const GroupReading &reading) const {
    const Look look = look_of(Units{options_.bytes});
    std::vector<ProcessLine> lines;
    for (const Member &each : reading.members) {
      const Person person = person_of(each.local_pid);
      lines.push_back({&each, "", person.command, person.container});
    }
    const std::string block =
        reading_block(reading.sum, reading.label, reading.totals.resident_bytes, look.units, look.paint);
    output::write(folded_lines(block, look.width, kLabelled) + "\n" + group_rows(lines, look));
  }

  // Once: their last reading, or none, is in the sum.
  void tell_silent(const GroupReading &reading) {
    std::uint64_t more = 0;
    for (const Member &each : reading.members) {
      if (each.complaint.empty() || !told_.insert(each.endpoint.path()).second) continue;
      if (told_.size() > kFewNamed) {
        ++more;
        continue;
      }
      output::note(fmt::format("{} is {}; {}", label_of(each), printable(each.complaint),
                               each.reading ? "the sum has its last reading" : "it is in no sum"));
    }
    if (more > 0)
      output::note(format::grouped(more) +
                   " more of them do not answer; the sum has their last readings, where there are any");
  }

  const Options &options_;
  GroupReader reader_;
  Rows rows_;
  std::set<std::string> told_;
  bool first_ = true;
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  verdicts::Watched watched_;
  WatchedMembers beside_;
  GroupReading last_;
  std::size_t at_first_ = 0;  // processes
};

void show_once(const Target &target, const Options &options, const Reading &reading) {
  const auto resident = process::resident_bytes(target.local_pid);
  verdicts::Watched watched;
  watched.add(reading, resident, process::anonymous_bytes(target.local_pid));
  const Growth none{target, kPatience};
  const std::vector<verdicts::Verdict> verdicts = verdicts_of(watched, reading, none);
  if (options.json) {
    output::write(json_line(reading, resident, std::nullopt, verdicts));
    return;
  }
  if (options.csv) {
    output::write(csv_header() + csv_row(seconds_since_1970(), reading, resident, std::nullopt));
    return;
  }
  const std::string label =
      target.local_pid != 0 ? target.label() : fmt::format("{} ({})", reading.name, reading.pid);
  const Paint paint = Paint::for_fd(STDOUT_FILENO);
  const int columns = terminal_columns(STDOUT_FILENO);
  output::write(
      folded_lines(reading_block(reading, label, resident, Units{options.bytes}, paint), columns, kLabelled) +
      verdicts_text(verdicts, paint, columns));
}

int show_series(Target target, const Options &options, const Reading &first) {
  const std::string label = target.label();
  Series series(target, options);
  InterruptHeld interrupt(!options.json && !options.csv);
  bool taken = true;
  const bool lives = repeat(options.pace, interrupt, [&] {
    series.show(std::exchange(taken, false) ? first : follow_target(target, kPatience));
  });
  if (!lives) output::note(label + " has ended");
  series.sum_up(!lives);
  interrupt.pass_on();
  return kOk;
}

int show_group(const Options &options, const Chosen &chosen) {
  GroupSeries series(options);
  if (!series.show()) throw_ended(chosen.only());
  if (options.pace.interval <= 0) return kOk;
  InterruptHeld interrupt(!options.json && !options.csv);
  bool taken = true;
  const bool lives = repeat(options.pace, interrupt, [&] {
    if (!std::exchange(taken, false) && !series.show()) throw ProcessEnded{};
  });
  if (!lives) output::note(printable(chosen.wanted.text()) + " has ended, all of it");
  series.sum_up();
  interrupt.pass_on();
  return kOk;
}

}  // namespace

int cmd_stat(const Arguments &arguments) {
  Options options;
  Parser parser("stat", "[OPTIONS] TARGET...",
                "Reads a metered process, or a group of them together: everything once, or a row every few "
                "seconds.",
                "  heapmeter stat python3             everything, once\n"
                "  heapmeter stat 4711 -i 1           a row a second until it ends\n"
                "  heapmeter stat --cgroup nginx.service -i 1\n"
                "  heapmeter stat 4711 -i 5 -c 3 --json | jq .live_bytes\n"
                "  heapmeter stat 4711 -i 1 --csv > readings.csv");
  add_targets(parser, options.wanted);
  options.pace.add_options(parser, "a row");
  parser.json(options.json, "a JSON object a line for each reading");
  parser.flag("--csv", options.csv, "a header, then a line of exact values for each reading");
  parser.bytes(options.bytes);
  if (!parser.parse(arguments)) return kOk;
  if (options.json && options.csv) {
    throw UserError("--json and --csv exclude each other; give one of them", kUsage);
  }
  options.pace.check(parser, "stat");

  const Chosen chosen = choose(options.wanted);
  if (chosen.is_group) return show_group(options, chosen);
  const Target &target = chosen.only();
  Reading first = read_living(target, [&] { return read_target(target, kPatience); });
  if (options.pace.interval > 0) return show_series(target, options, first);
  find_places(first, target, kPatience);
  show_once(target, options, first);
  return kOk;
}

}  // namespace heapmeter::cli
