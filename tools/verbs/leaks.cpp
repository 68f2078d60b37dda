// SPDX-License-Identifier: MIT
//
// heapmeter leaks: which blocks of a process nothing in it points at any more.
#include <chrono>
#include <thread>

#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "lost/made_rules.h"
#include "readings/target.h"
#include "sites/page.h"
#include "symbols/namer.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/suppress.h"
#include "verbs/watch_growth.h"
#include "views/lost.h"

namespace heapmeter::cli {
namespace {

// The process goes on meanwhile; it is the copy that is looked at.
constexpr std::chrono::seconds kPatience{120};
constexpr std::chrono::seconds kPatienceForSites{20};
constexpr std::chrono::seconds kPatienceForReading{5};

lost::Look take_look(const Target &target) {
  return change_target(target, HEAPMETER_PATH_LEAKS, kPatience, lost::parse_look);
}

void name_rows(const Target &target, LostView &view, Suppress &suppress) {
  sites::Profile profile = ask_target(target, HEAPMETER_PATH_SITES, kPatienceForSites, sites::parse_profile);
  view.stacks_known = profile.mode != sites::Mode::kOff;
  symbols::Namer namer(target.local_pid, profile.modules);
  namer.prepare(places(only_lost(view.look, profile)));
  const auto naming = [&](int module, std::uint64_t offset) { return namer.name(module, offset); };
  lost::Suppressor suppressor(suppress.rules());
  suppressor.take_from(view.look, profile, naming);
  view.suppressed = {suppressor.all(), suppressor.fitting(), suppressor.idle()};
  if (suppress.wants_made()) suppress.save(lost::made_rules(lost::rows(view.look), profile, naming));
  view.rows = named(view.look, std::move(profile), naming);
  if (!view.rows.empty()) view.advice = namer.advice();
}

LostView look_at(const Target &target, bool once, double wait_seconds, Suppress &suppress) {
  LostView view;
  // Asked first, in short: who does not answer that is told why, and does not wait for a look.
  const Reading before = read_target(target, kPatienceForReading);
  view.look = take_look(target);
  if (!once) {
    std::this_thread::sleep_for(std::chrono::duration<double>(wait_seconds));
    view.look = confirmed(view.look, take_look(target));
    view.apart_seconds = wait_seconds;
  }
  name_rows(target, view, suppress);
  if (read_target(target, kPatienceForReading).counting_since_ns != before.counting_since_ns)
    throw UserError(fmt::format("{} started another program meanwhile; try again", target.label()));
  return view;
}

}  // namespace

int cmd_leaks(const Arguments &arguments) {
  std::string name;
  bool json = false, once = false;
  double wait_seconds = 2;
  std::int64_t most_rows = 20, depth = 4;
  Units units;
  Parser parser(
      "leaks", "[OPTIONS] TARGET",
      "Which blocks of a metered process nothing in it points at any more: lost, unless a register holds "
      "them. The process runs on; a copy of it is looked at, twice.",
      "  heapmeter leaks 4711\n"
      "  heapmeter leaks my_server --wait 10 -n 5\n"
      "  heapmeter leaks my_server --json | jq .lost_bytes\n"
      "  heapmeter leaks my_server --growth=5m");
  parser.target(name);
  parser.option("--wait", wait_seconds, "SECONDS", "between the two looks (2)");
  parser.flag("--once", once, "one look only: what is in motion just then counts as lost, too");
  parser.option("-n", most_rows, "ROWS", "so many at most (20)");
  parser.option("--depth", depth, "FRAMES", "so many of each call stack at most (4)");
  std::string growth;
  parser.optional_value("--growth", growth, "TIME", "60s",
                        "what is not lost but only grows, judged from readings for so long (60s, 10m)");
  Suppress suppress;
  suppress.add_options(parser);
  parser.json(json, "a JSON object");
  parser.bytes(units.exact);
  if (!parser.parse(arguments)) return kOk;
  if (wait_seconds < 0 || wait_seconds > 3600) throw UserError("--wait takes 0 to 3600 seconds", kUsage);
  if (most_rows < 1 || depth < 1) throw UserError("-n and --depth take numbers from 1 on", kUsage);
  if (!growth.empty()) {
    if (once || parser.given("--wait") || suppress.any())
      throw UserError("--growth takes no look: leave --once, --wait and --suppressions away", kUsage);
    const double seconds = growth_seconds(growth);
    const Target target = resolve_target(name);
    const GrowthView view = read_living(target, [&] { return watch_growth(target, seconds); });
    output::write(
        json ? json_text(growth_json(view)) + "\n"
             : growth_text(
                   view, static_cast<std::size_t>(most_rows), static_cast<std::size_t>(depth),
                   {units, Paint::for_fd(STDOUT_FILENO), speaks_utf8(), terminal_columns(STDOUT_FILENO)}));
    return kOk;
  }
  suppress.rules();
  const Target target = resolve_target(name);
  const LostView view = read_living(target, [&] { return look_at(target, once, wait_seconds, suppress); });
  if (json) {
    output::write(json_text(lost_json(view)) + "\n");
  } else {
    output::write(lost_text(target.label(), view, static_cast<std::size_t>(most_rows),
                            static_cast<std::size_t>(depth), units, Paint::for_fd(STDOUT_FILENO)));
  }
  return kOk;
}

}  // namespace heapmeter::cli
