// SPDX-License-Identifier: MIT
//
// heapmeter stat: one process, one full reading, or a line of them every few seconds.
#include <chrono>
#include <cmath>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "readings/rates.h"
#include "readings/target.h"
#include "system/process.h"
#include "targets/chosen.h"
#include "targets/group_reading.h"
#include "targets/person.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/target_options.h"
#include "views/account_series.h"
#include "views/process_table.h"
#include "views/reading.h"
#include "views/reading_csv.h"
#include "views/series_table.h"

namespace heapmeter::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{2000};
constexpr int kRowsUnderHeader = 20;  // where there is no terminal to ask

struct Options {
  Wanted wanted;
  double interval = 0;
  std::int64_t count = 0;
  bool json = false, csv = false, bytes = false;
};

// The schema of stat --json: the snapshot, then rss_bytes, then, from the second of a series on, rates.
std::string json_line(const Reading &reading, std::optional<std::uint64_t> resident,
                      const std::optional<Rates> &rates) {
  boost::json::object object = {{"schema", 1}};
  object.insert(reading.fields.begin(), reading.fields.end());
  object["rss_bytes"] = or_null(resident);
  if (rates) object["rates"] = to_json(*rates);
  return json_text(object) + "\n";
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

// Each returns false when there is nothing more to come.
template <typename Round>
void repeat(const Options &options, Round round) {
  const auto step =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.interval));
  auto next = Clock::now() + step;
  for (std::int64_t shown = 1; options.count == 0 || shown < options.count; ++shown, next += step) {
    std::this_thread::sleep_until(next);
    if (!round()) return;
    // Late by more than a step (a suspended machine): no burst of rows to catch up.
    if (Clock::now() > next + step) next = Clock::now();
  }
}

class Series {
 public:
  Series(const Target &target, const Options &options)
      : target_(target), options_(options), rows_(options, false) {}

  void show(const Reading &reading) {
    const auto resident = process::resident_bytes(target_.local_pid);
    const auto rates = before_ ? rates_between(*before_, reading) : std::nullopt;
    if (options_.json) {
      output::write(json_line(reading, resident, rates));
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

 private:
  const Target &target_;
  const Options &options_;
  Rows rows_;
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
    if (options_.json) {
      output::write(json_text(to_json(*reading)) + "\n");
    } else if (options_.csv) {
      output::write((first ? csv_header({"processes"}) : "") +
                    csv_row(seconds_since_1970(), reading->sum, reading->totals.resident_bytes,
                            reading->totals.rates, {std::to_string(reading->totals.processes)}));
    } else if (options_.interval > 0) {
      rows_.write(
          {&reading->sum, reading->totals.resident_bytes, reading->totals.rates, reading->totals.processes});
    } else {
      show_block(*reading);
    }
    tell_silent(*reading);
    return true;
  }

 private:
  void show_block(const GroupReading &reading) const {
    const Look look{Units{options_.bytes}, Paint::for_fd(STDOUT_FILENO), speaks_utf8(),
                    terminal_columns(STDOUT_FILENO)};
    std::vector<ProcessLine> lines;
    for (const Member &each : reading.members) {
      const Person person = person_of(each.local_pid);
      lines.push_back({&each, "", person.command, person.container});
    }
    output::write(
        reading_block(reading.sum, reading.label, reading.totals.resident_bytes, look.units, look.paint) +
        "\n" + group_rows(lines, look));
  }

  // Once: their last reading, or none, is in the sum.
  void tell_silent(const GroupReading &reading) {
    for (const Member &each : reading.members) {
      if (!each.complaint.empty() && told_.insert(each.endpoint.path()).second)
        output::note(fmt::format("{} is {}; {}", label_of(each), printable(each.complaint),
                                 each.reading ? "the sum has its last reading" : "it is in no sum"));
    }
  }

  const Options &options_;
  GroupReader reader_;
  Rows rows_;
  std::set<std::string> told_;
  bool first_ = true;
};

void show_once(const Target &target, const Options &options, const Reading &reading) {
  const auto resident = process::resident_bytes(target.local_pid);
  if (options.json) {
    output::write(json_line(reading, resident, std::nullopt));
    return;
  }
  if (options.csv) {
    output::write(csv_header() + csv_row(seconds_since_1970(), reading, resident, std::nullopt));
    return;
  }
  const std::string label =
      target.local_pid != 0 ? target.label() : fmt::format("{} ({})", reading.name, reading.pid);
  output::write(reading_block(reading, label, resident, Units{options.bytes}, Paint::for_fd(STDOUT_FILENO)));
}

int show_series(Target target, const Options &options, const Reading &first) {
  const std::string label = target.label();
  Series series(target, options);
  series.show(first);
  repeat(options, [&] {
    try {
      series.show(follow_target(target, kPatience));
      return true;
    } catch (const ProcessEnded &) {
      output::note(label + " has ended");
      return false;
    }
  });
  return kOk;
}

int show_group(const Options &options, const Chosen &chosen) {
  GroupSeries series(options);
  if (!series.show()) throw_ended(chosen.only());
  if (options.interval > 0) {
    repeat(options, [&] {
      if (series.show()) return true;
      output::note(printable(chosen.wanted.text()) + " has ended, all of it");
      return false;
    });
  }
  return kOk;
}

}  // namespace

int cmd_stat(const Arguments &arguments) {
  Options options;
  Parser parser("stat", "[OPTIONS] TARGET",
                "Reads a metered process, or a group of them together: everything once, or a row every few "
                "seconds.",
                "  heapmeter stat python3             everything, once\n"
                "  heapmeter stat 4711 -i 1           a row a second until it ends\n"
                "  heapmeter stat --cgroup nginx.service -i 1\n"
                "  heapmeter stat 4711 -i 5 -c 3 --json | jq .live_bytes\n"
                "  heapmeter stat 4711 -i 1 --csv > readings.csv");
  add_targets(parser, options.wanted);
  parser.option("-i,--interval", options.interval, "SECONDS", "a row every so many seconds");
  parser.option("-c,--count", options.count, "N", "this many rows, then end (a row a second without -i)");
  parser.json(options.json, "a JSON object a line for each reading");
  parser.flag("--csv", options.csv, "a header, then a line of exact values for each reading");
  parser.bytes(options.bytes);
  if (!parser.parse(arguments)) return kOk;
  if (options.json && options.csv) {
    throw UserError("--json and --csv exclude each other; give one of them", kUsage);
  }
  const bool has_interval = parser.given("--interval");
  if (has_interval && !(options.interval >= 0.01 && options.interval <= 86400)) {
    throw UserError(fmt::format("an interval of {:g} s is outside 0.01 to 86400; see heapmeter stat --help",
                                options.interval),
                    kUsage);
  }
  if (parser.given("--count") && options.count < 1) {
    throw UserError("--count is the number of rows; give 1 or more, or leave it out", kUsage);
  }
  if (!has_interval && options.count > 0) options.interval = 1;

  const Chosen chosen = choose(options.wanted);
  if (chosen.is_group) return show_group(options, chosen);
  const Target &target = chosen.only();
  const Reading first = read_living(target, [&] { return read_target(target, kPatience); });
  if (options.interval > 0) return show_series(target, options, first);
  show_once(target, options, first);
  return kOk;
}

}  // namespace heapmeter::cli
