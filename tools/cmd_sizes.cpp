// SPDX-License-Identifier: MIT
//
// heapmeter sizes: what a process holds and allocates, by size class.
#include <thread>

#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "arguments.h"
#include "class_table.h"
#include "commands.h"
#include "json_text.h"
#include "output.h"
#include "rates.h"
#include "target.h"

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

}  // namespace

int cmd_sizes(const Arguments &arguments) {
  std::string name;
  bool json = false;
  Units units;
  auto parser = make_parser("sizes", "[OPTIONS] TARGET",
                            "What a metered process holds and allocates, by size class of the allocator.",
                            "  heapmeter sizes python3\n"
                            "  heapmeter sizes 4711 --json | jq '.classes[] | {class_bytes, live_bytes}'");
  parser->add_option("TARGET", name, "a pid, a name, or the path of a socket")->required();
  parser->add_flag("--json", json, "a JSON object (see tools/README.md)");
  parser->add_flag("--bytes", units.exact, "exact integers instead of human units");
  if (!parse(*parser, arguments)) return kOk;
  const Target target = resolve_target(name);
  const Sizes earlier = take_sizes(target);
  std::this_thread::sleep_for(kBetweenReadings);
  const Sizes now = take_sizes(target);
  const auto rates = rates_between(earlier.reading, now.reading);
  if (!rates) throw UserError(fmt::format("{} started another program meanwhile; try again", target.label()));
  const double seconds = rates->interval_seconds;
  const auto classes = changes(earlier.classes, now.classes);
  if (json) {
    const boost::json::object object = {{"schema", 1},
                                        {"pid", now.reading.pid},
                                        {"start_time", now.reading.start_time},
                                        {"interval_seconds", seconds},
                                        {"classes", sizes_json(classes, seconds)}};
    output::write(json_text(object) + "\n");
  } else {
    output::write(size_table(classes, seconds, units, Paint::for_fd(STDOUT_FILENO), speaks_utf8()));
  }
  return kOk;
}

}  // namespace heapmeter::cli
