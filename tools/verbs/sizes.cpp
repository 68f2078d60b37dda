// SPDX-License-Identifier: MIT
//
// heapmeter sizes: what a process holds and allocates, by size class.
#include <optional>
#include <thread>

#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "readings/mark_store.h"
#include "readings/rates.h"
#include "readings/target.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "views/class_table.h"

namespace heapmeter::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};
constexpr std::chrono::milliseconds kBetweenReadings{200};

struct Sizes {
  Reading reading;  // for its clock, and to know the process again
  std::vector<SizeClass> classes;
};

Sizes take_sizes(const Target &target) {
  return read_living(target, [&] {
    return Sizes{read_target(target, kPatience),
                 ask_target(target, HEAPMETER_PATH_SIZES, kPatience, parse_size_classes)};
  });
}

Sizes a_moment_ago(const Target &target) {
  const Sizes sizes = take_sizes(target);
  std::this_thread::sleep_for(kBetweenReadings);
  return sizes;
}

[[noreturn]] void throw_nothing_since(const Target &target, const Mark *mark) {
  if (mark == nullptr)
    throw UserError(fmt::format("{} started another program meanwhile; try again", target.label()));
  throw UserError(
      fmt::format("the mark '{}' is not of {} as it is now but of {}{}; heapmeter diff compares "
                  "any two",
                  printable(mark->name), target.label(), printable(mark->process()),
                  mark->boot_id == this_boot() ? "" : " on " + printable(mark->host)));
}

}  // namespace

int cmd_sizes(const Arguments &arguments) {
  std::string name, since;
  bool json = false;
  Units units;
  Parser parser("sizes", "[OPTIONS] TARGET",
                "What a metered process holds and allocates, by size class of the allocator.",
                "  heapmeter sizes python3\n"
                "  heapmeter sizes python3 --since before\n"
                "  heapmeter sizes 4711 --json | jq '.classes[] | {class_bytes, live_bytes}'");
  parser.target(name);
  parser.option("--since", since, "MARK",
                "changes and rates since a mark of this process (see heapmeter mark)");
  parser.json(json, "a JSON object");
  parser.bytes(units.exact);
  if (!parser.parse(arguments)) return kOk;
  const Target target = resolve_target(name);
  std::optional<Mark> mark;
  if (parser.given("--since")) mark = load_mark(since);
  const Sizes earlier = mark ? Sizes{mark->reading, mark->classes} : a_moment_ago(target);
  const Sizes now = take_sizes(target);
  const auto rates = rates_between(earlier.reading, now.reading);
  const bool known = !mark || mark->boot_id == this_boot();
  if (!known || !rates || !goes_on(earlier.classes, now.classes))
    throw_nothing_since(target, mark ? &*mark : nullptr);
  const double seconds = rates->interval_seconds;
  const auto classes = changes(earlier.classes, now.classes);
  if (json) {
    const boost::json::object object = {
        {"schema", 1},
        {"pid", now.reading.pid},
        {"start_time", now.reading.start_time},
        {"since", mark ? boost::json::value(mark->name) : boost::json::value(nullptr)},
        {"interval_seconds", seconds},
        {"classes", sizes_json(classes, seconds)}};
    output::write(json_text(object) + "\n");
  } else {
    output::write(size_table(classes, seconds, mark ? Since::kMark : Since::kJustNow, units,
                             Paint::for_fd(STDOUT_FILENO), speaks_utf8(), terminal_columns(STDOUT_FILENO)));
  }
  return kOk;
}

}  // namespace heapmeter::cli
