// SPDX-License-Identifier: MIT
//
// heapmeter stat: one process, one full reading, or a line of them every few seconds.
#include <chrono>
#include <cmath>
#include <optional>
#include <thread>

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
#include "views/reading.h"
#include "views/reading_csv.h"

namespace heapmeter::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{2000};
constexpr int kRowsUnderHeader = 20;  // where there is no terminal to ask

struct Options {
  std::string target;
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

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

class Series {
 public:
  Series(const Target &target, const Options &options)
      : target_(target), options_(options), paint_(Paint::for_fd(STDOUT_FILENO)) {}

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
      output::write(header_when_due() + row(reading, resident, rates));
    }
    before_ = reading;
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
  std::optional<Reading> before_;
  int rows_ = 0;
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
  const auto step =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.interval));
  auto next = Clock::now() + step;
  for (std::int64_t shown = 1; options.count == 0 || shown < options.count; ++shown, next += step) {
    std::this_thread::sleep_until(next);
    try {
      series.show(follow_target(target, kPatience));
    } catch (const ProcessEnded &) {
      output::note(label + " has ended");
      return kOk;
    }
    // Late by more than a step (a suspended machine): no burst of rows to catch up.
    if (Clock::now() > next + step) next = Clock::now();
  }
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

  const Target target = resolve_target(options.target);
  const Reading first = read_living(target, [&] { return read_target(target, kPatience); });
  if (options.interval > 0) return show_series(target, options, first);
  show_once(target, options, first);
  return kOk;
}

}  // namespace heapmeter::cli
