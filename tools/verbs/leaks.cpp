// SPDX-License-Identifier: MIT
//
// heapmeter leaks: which blocks of a process, or of several, nothing in it points at any more.
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include <unistd.h>

#include <fmt/format.h>

#include "targets/unreached.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "text/passing_line.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/look.h"
#include "verbs/lost_look.h"
#include "verbs/suppress.h"
#include "verbs/target_options.h"
#include "verbs/watch_growth.h"
#include "views/lost_group.h"

namespace heapmeter::cli {
namespace {

std::string waiting_text(const LookOptions &options) {
  return options.once ? "looking ..."
                      : fmt::format("looking twice, {} apart ...", format::duration(options.wait_seconds));
}

LostView look_at(const Target &target, const LookOptions &options, Suppress &suppress) {
  LostLook look(target, options);
  look.prepare();
  {
    PassingLine waiting;
    waiting.say(waiting_text(options));
    look.look_first();
    look.look_last();
  }
  return look.end(suppress);
}

// All of them first, then all again: the time between is the same for all. Who cannot be looked at is told
// with the reason, and who ended is left out.
LostGroup look_at_all(const Chosen &chosen, const LookOptions &options, Suppress &suppress,
                      std::vector<Unreached> others) {
  LostGroup group{chosen.wanted.text(), {}, std::move(others)};
  std::list<LostLook> looks;
  for (const Target &target : chosen.targets) looks.emplace_back(target, options);
  const auto each = [&](const auto &step) {
    std::erase_if(looks, [&](LostLook &look) {
      try {
        step(look);
        return false;
      } catch (const ProcessEnded &) {
      } catch (const UserError &error) {
        if (error.exit_code() == kUsage) throw;
        group.others.push_back({look.target().local_pid, error.what()});
      }
      return true;
    });
  };
  each([](LostLook &look) { look.prepare(); });
  std::optional<PassingLine> waiting(std::in_place);
  waiting->say(waiting_text(options));
  each([](LostLook &look) { look.look_first(); });
  each([](LostLook &look) { look.look_last(); });
  waiting.reset();
  each([&](LostLook &look) {
    const std::string label = look.target().label();
    group.members.push_back({label, look.end(suppress)});
  });
  if (!group.members.empty()) return group;
  for (const Unreached &other : group.others) output::note(printable(other.why));
  throw UserError(fmt::format("{}: no process of it was looked at", printable(group.word)));
}

}  // namespace

int cmd_leaks(const Arguments &arguments) {
  Wanted wanted;
  bool json = false;
  LookOptions options;
  std::int64_t most_rows = 20, depth = 4;
  Units units;
  Parser parser("leaks", "[OPTIONS] TARGET...",
                "Which blocks of a metered process, or of each of several, nothing in it points at any more: "
                "lost, unless a "
                "register holds them. It runs on; a copy of it is looked at, twice.",
                "  heapmeter leaks 4711\n"
                "  heapmeter leaks my_server --wait 10 -n 5\n"
                "  heapmeter leaks 'php-fpm*'\n"
                "  heapmeter leaks my_server --json | jq .lost_bytes\n"
                "  heapmeter leaks my_server --growth=5m");
  add_targets(parser, wanted);
  parser.option("--wait", options.wait_seconds, "SECONDS", "between the two looks (2)");
  parser.flag("--once", options.once, "one look only: what is in motion just then counts as lost, too");
  parser.option("-n", most_rows, "ROWS", "so many at most (20)");
  parser.option("--depth", depth, "FRAMES", "so many of each call stack at most (4)");
  parser.flag("--contents", options.contents, "the first bytes of an example of each row");
  parser.flag("--registers", options.registers,
              "read its threads' registers, too: they are stopped for that, as a debugger does");
  parser.flag("--yes", options.agreed, "do not ask before a look that costs much");
  std::string growth;
  parser.optional_value(
      "--growth", growth, "TIME", "60s",
      "what is not lost but only grows, judged from readings for so long (60s; --growth=10m)");
  Suppress suppress;
  suppress.add_options(parser);
  parser.json(json, "a JSON object");
  parser.bytes(units.exact);
  if (!parser.parse(arguments)) return kOk;
  if (options.wait_seconds < 0 || options.wait_seconds > 3600)
    throw UserError("--wait takes 0 to 3600 seconds", kUsage);
  if (most_rows < 1 || depth < 1) throw UserError("-n and --depth take numbers from 1 on", kUsage);
  if (!growth.empty()) {
    if (options.once || options.contents || options.registers || parser.given("--wait") || suppress.any())
      throw UserError(
          "--growth takes no look: leave --once, --wait, --contents, --registers and --suppressions away",
          kUsage);
    const double seconds = growth_seconds(growth);
    const Chosen chosen = choose_saying_whom_not(wanted);
    const GrowthView view =
        read_living(chosen.only(), [&] { return watch_growth(chosen, seconds, unreached(chosen)); });
    output::write(json ? json_text(growth_json(view)) + "\n"
                       : growth_text(view, static_cast<std::size_t>(most_rows),
                                     static_cast<std::size_t>(depth), look_of(units)));
    return kOk;
  }
  suppress.rules();
  const LostStyle style{static_cast<std::size_t>(most_rows), static_cast<std::size_t>(depth), units,
                        Paint::for_fd(STDOUT_FILENO), terminal_columns(STDOUT_FILENO)};
  const Chosen chosen = choose_saying_whom_not(wanted);
  std::vector<Unreached> others = unreached(chosen);
  if (chosen.is_group) {
    if (suppress.wants_made()) throw UserError("--gen-suppressions is for one process", kUsage);
    const LostGroup group = look_at_all(chosen, options, suppress, std::move(others));
    output::write(json ? json_text(lost_group_json(group)) + "\n" : lost_group_text(group, style));
    return kOk;
  }
  for (const Unreached &other : others) output::note(printable(other.why));
  const Target &target = chosen.only();
  const LostView view = read_living(target, [&] { return look_at(target, options, suppress); });
  output::write(json ? json_text(lost_json(view)) + "\n" : lost_text(target.label(), view, style));
  return kOk;
}

}  // namespace heapmeter::cli
