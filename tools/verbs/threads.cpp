// SPDX-License-Identifier: MIT
//
// heapmeter threads: what each thread of a process allocated, freed, and holds net.
#include <unistd.h>

#include <heapmeter/protocol.h>

#include "readings/target.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "views/class_table.h"

namespace heapmeter::cli {
namespace {

constexpr std::chrono::milliseconds kPatience{2000};

}  // namespace

int cmd_threads(const Arguments &arguments) {
  std::string name;
  bool json = false;
  Units units;
  Parser parser("threads", "[OPTIONS] TARGET",
                "What each thread of a metered process allocated and freed; those that ended are summed.",
                "  heapmeter threads python3\n"
                "  heapmeter threads 4711 --json | jq '.threads[] | {name, net_bytes}'");
  parser.target(name);
  parser.json(json, "a JSON object");
  parser.bytes(units.exact);
  if (!parser.parse(arguments)) return kOk;
  const Target target = resolve_target(name);
  ThreadList list = read_living(
      target, [&] { return ask_target(target, HEAPMETER_PATH_THREADS, kPatience, parse_thread_list); });
  find_local_tids(list, target.local_pid);
  output::write(
      json ? json_text(threads_json(list)) + "\n"
           : thread_table(list, units, Paint::for_fd(STDOUT_FILENO), terminal_columns(STDOUT_FILENO)));
  return kOk;
}

}  // namespace heapmeter::cli
