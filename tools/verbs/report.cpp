// SPDX-License-Identifier: MIT
//
// heapmeter report: what a recording says; or a mark, or what a process reported at its exit.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <fmt/format.h>

#include "readings/mark_store.h"
#include "record/recording.h"
#include "record/recording_file.h"
#include "report/code.h"
#include "report/data.h"
#include "report/records.h"
#include "report/svg.h"
#include "system/foreign_file.h"
#include "text/fit.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "text/saved_file.h"
#include "text/utf8.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "views/class_table.h"
#include "views/reading.h"

namespace heapmeter::cli {
namespace {

constexpr std::uint64_t kLargest = 4ull << 30;
constexpr int kUsualColumns = 80;

struct Options {
  std::string file = kUsualRecording, html, svg;
  bool csv = false, json = false, all = false;
};

report::Look look_of(const Options &options) {
  const int columns = terminal_columns(STDOUT_FILENO);
  return {columns > 0 ? columns : kUsualColumns, speaks_utf8(), options.all, Paint::for_fd(STDOUT_FILENO)};
}

[[noreturn]] void fail_to_open(const std::string &name, const ForeignFile &file) {
  if (file.is_no_file())
    throw UserError(
        fmt::format("{} is no regular file, which a recording is: what a pipe has must be saved to "
                    "a file first",
                    name));
  const std::string advice =
      file.error() == ENOENT ? fmt::format("; heapmeter record -o {} makes a recording", name) : "";
  throw UserError(fmt::format("{} cannot be read: {}{}", name, strerror(file.error()), advice));
}

// A mark, or a report that a process wrote at its exit: one moment.
void show_moment(const Options &options) {
  if (options.csv || !options.html.empty() || !options.svg.empty())
    throw UserError(fmt::format("{} is of one moment: there are no curves to draw, and no series; "
                                "heapmeter report {} shows it, heapmeter record makes a recording",
                                printable(options.file), printable(options.file)),
                    kUsage);
  const Mark mark =
      load_mark(options.file.find('/') == options.file.npos ? "./" + options.file : options.file);
  if (options.json) {
    boost::json::object object = {{"schema", 1}, {"file", options.file}, {"moment", mark.reading.fields}};
    output::write(json_text(object) + "\n");
    return;
  }
  const Units units;
  const Paint paint = Paint::for_fd(STDOUT_FILENO);
  output::write(folded_lines(reading_block(mark.reading, mark.process(), std::nullopt, units, paint),
                             terminal_columns(STDOUT_FILENO), kLabelled));
  if (mark.has_classes) {
    const std::vector<ClassChange> classes = changes({}, mark.classes);
    output::write("\n" + size_table(classes, mark.reading.uptime_seconds, Since::kMark, units, paint,
                                    speaks_utf8(), look_of(options).columns));
  }
}

void show_recording(const Options &options, const ForeignFile &file) {
  if (options.csv) {
    record::Recording recording(record::source_of(file.fd()));
    std::string lines;
    const auto flush = [&] {
      output::write(lines);
      lines.clear();
    };
    report::csv(recording, [&](std::string_view line) {
      lines += line;
      if (lines.size() > 1u << 16) flush();
    });
    flush();
    return;
  }
  record::Recording recording(record::source_of(file.fd()));
  report::Story story = report::story_of(recording);
  story.file = options.file;
  story.file_bytes = file.size();
  story.being_recorded = record::is_being_recorded(file.fd());
  const report::Look look = look_of(options);
  std::vector<report::Told> lives = report::told(story);
  std::uint64_t room = report::kMostFramesNamed;
  for (report::Told &each : lives) {
    if (report::wants_code(each)) each.code = report::named_code(*each.life, each.course, look.utf8, room);
  }
  if (!options.html.empty()) save_file(options.html, report::page(story, lives), "--html");
  if (!options.svg.empty()) save_file(options.svg, report::svg(story, lives), "--svg");
  if (options.json) {
    output::write(json_text(report::to_json(story, lives)) + "\n");
  } else if (options.html.empty() && options.svg.empty()) {
    output::write(report::text(story, lives, look));
  }
}

}  // namespace

int cmd_report(const Arguments &arguments) {
  Options options;
  Parser parser(
      "report", "[OPTIONS] [FILE]",
      "What a recording of heapmeter record says: who grew since when and by which code, who ended\n"
      "for want of memory, what was near a limit; the rest in a line. The file is only read, also\n"
      "while it is recorded to. A mark, or a report written at an exit, is shown, too.",
      "  heapmeter report                        heapmeter.hm, as text\n"
      "  heapmeter report prod.hm --html prod.html --svg prod.svg\n"
      "  heapmeter report prod.hm --csv | cut -d, -f1,4,5");
  parser.optional_word("FILE", options.file, "the recording; heapmeter.hm when not given");
  parser.option("--html", options.html, "FILE", "a page with charts, which a browser opens by itself");
  parser.option("--svg", options.svg, "FILE", "one picture");
  parser.flag("--csv", options.csv, "a header, then a line of exact values for each reading of a process");
  parser.json(options.json, "a JSON object");
  parser.flag("--all", options.all, "a row for every process, those that do not stand out too");
  if (!parser.parse(arguments)) return kOk;
  if (options.json && options.csv)
    throw UserError("--json and --csv exclude each other; give one of them", kUsage);

  const ForeignFile file = ForeignFile::named(options.file);
  if (!file) fail_to_open(printable(options.file), file);
  if (file.size() > kLargest)
    throw UserError(fmt::format("{} has {}, more than any recording; is it the right file?",
                                printable(options.file), format::bytes(static_cast<double>(file.size()))));
  std::string beginning(64, '\0');
  beginning.resize(record::source_of(file.fd())(beginning.data(), beginning.size(), 0));
  if (record::is_recording(beginning, printable(options.file))) {
    show_recording(options, file);
    return kOk;
  }
  const std::size_t first = beginning.find_first_not_of(" \t\r\n");
  if (first == beginning.npos || beginning[first] != '{')
    throw UserError(
        fmt::format("{} is no recording, mark or report: it is {}; heapmeter record makes a recording",
                    printable(options.file), file.size() == 0 ? "empty" : "some other file"));
  show_moment(options);
  return kOk;
}

}  // namespace heapmeter::cli
