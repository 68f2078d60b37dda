// SPDX-License-Identifier: MIT
//
// heapmeter stat: one process, one full reading, or a line of them every few seconds.
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>

#include "readings/rates.h"
#include "readings/target.h"
#include "system/process.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "text/table.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/pacing.h"
#include "verdicts/judge.h"
#include "views/reading.h"
#include "views/reading_csv.h"
#include "views/verdicts.h"

namespace heapmeter::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};
constexpr int kRowsUnderHeader = 20;  // where there is no terminal to ask

struct Options {
  std::string target;
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

// By live and resident memory alone; heapmeter account has more to go by.
std::vector<verdicts::Verdict> verdicts_of(const verdicts::Watched &watched, const Reading &reading) {
  verdicts::Observed observed;
  observed.series = watched.series();
  observed.reading = reading;
  return verdicts::judge(observed);
}

class Series {
 public:
  Series(const Target &target, const Options &options)
      : target_(target), options_(options), paint_(Paint::for_fd(STDOUT_FILENO)) {}

  void show(const Reading &reading) {
    const auto resident = process::resident_bytes(target_.local_pid);
    const auto rates = before_ ? rates_between(*before_, reading) : std::nullopt;
    watched_.add(reading, resident);
    if (options_.json) {
      output::write(json_line(reading, resident, rates, verdicts_of(watched_, reading)));
    } else if (options_.csv) {
      output::write((before_ ? "" : csv_header()) + csv_row(seconds_since_1970(), reading, resident, rates));
    } else {
      if (before_ && !rates) {
        output::note(target_.label() + " started its counters anew (exec)");
      }
      output::write(header_when_due() + row(reading, resident, rates));
    }
    before_ = reading;
  }

  // What was seen, for people.
  void sum_up() const {
    if (options_.json || options_.csv) return;
    output::write("\n" +
                  verdicts_text(verdicts_of(watched_, *before_), paint_, terminal_columns(STDOUT_FILENO)));
  }

 private:
  std::string header_when_due() {
    const int height = terminal_rows(STDOUT_FILENO);
    const int room = height > 3 ? height - 2 : kRowsUnderHeader;
    return rows_++ % room == 0 ? paint_.title(table().header()) : "";
  }

  Table table() const {
    const std::size_t wide = options_.bytes ? 14 : 9;
    return Table({{"LIVE", Align::kRight, wide},
                  {"BLOCKS", Align::kRight, 10},
                  {"PEAK", Align::kRight, wide},
                  {"RSS", Align::kRight, wide},
                  {"LIVE/S", Align::kRight, wide + 1},
                  {"BYTES IN/S", Align::kRight, wide},
                  {"ALLOCS/S", Align::kRight, 8},
                  {"FREES/S", Align::kRight, 8},
                  {"REALLOCS/S", Align::kRight, 8},
                  {"WRONG", Align::kRight, 5}});
  }

  std::string row(const Reading &reading, std::optional<std::uint64_t> resident,
                  const std::optional<Rates> &rates) const {
    const Units units{options_.bytes};
    const auto rate = [&](double Rates::*field, bool of_bytes) -> std::string {
      if (!rates) return "-";
      const double value = (*rates).*field;
      if (options_.bytes) return fmt::format("{:.0f}", value + 0.0);
      return of_bytes ? format::bytes(value) : format::count(value);
    };
    Table line = table();
    line.add({units.bytes(reading.live_bytes), units.count(reading.live_blocks),
              units.bytes(reading.peak_bytes), resident ? units.bytes(*resident) : "-",
              rate(&Rates::live_bytes, true), rate(&Rates::allocated_bytes, true),
              rate(&Rates::allocations, false), rate(&Rates::frees, false),
              rate(&Rates::reallocations, false), units.count(reading.wrong_calls())});
    return line.rows();
  }

  const Target &target_;
  const Options &options_;
  Paint paint_;
  verdicts::Watched watched_;
  std::optional<Reading> before_;
  int rows_ = 0;
};

void show_once(const Target &target, const Options &options, const Reading &reading) {
  const auto resident = process::resident_bytes(target.local_pid);
  verdicts::Watched watched;
  watched.add(reading, resident);
  const std::vector<verdicts::Verdict> verdicts = verdicts_of(watched, reading);
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
  output::write(reading_block(reading, label, resident, Units{options.bytes}, paint) +
                verdicts_text(verdicts, paint, terminal_columns(STDOUT_FILENO)));
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
  series.sum_up();
  interrupt.pass_on();
  return kOk;
}

}  // namespace

int cmd_stat(const Arguments &arguments) {
  Options options;
  Parser parser("stat", "[OPTIONS] TARGET",
                "Reads one metered process: everything once, or a row every few seconds.",
                "  heapmeter stat python3             everything, once\n"
                "  heapmeter stat 4711 -i 1           a row a second until it ends\n"
                "  heapmeter stat 4711 -i 5 -c 3 --json | jq .live_bytes\n"
                "  heapmeter stat 4711 -i 1 --csv > readings.csv");
  parser.target(options.target);
  options.pace.add_options(parser, "a row");
  parser.json(options.json, "a JSON object a line for each reading");
  parser.flag("--csv", options.csv, "a header, then a line of exact values for each reading");
  parser.bytes(options.bytes);
  if (!parser.parse(arguments)) return kOk;
  if (options.json && options.csv) {
    throw UserError("--json and --csv exclude each other; give one of them", kUsage);
  }
  options.pace.check(parser, "stat");

  const Target target = resolve_target(options.target);
  const Reading first = read_living(target, [&] { return read_target(target, kPatience); });
  if (options.pace.interval > 0) return show_series(target, options, first);
  show_once(target, options, first);
  return kOk;
}

}  // namespace heapmeter::cli
