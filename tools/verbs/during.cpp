// SPDX-License-Identifier: MIT
//
// heapmeter during: what a process did while a command ran, exactly; beside what it did for an earlier one.
#include <algorithm>
#include <filesystem>
#include <optional>

#include <unistd.h>

#include <fmt/format.h>

#include "readings/load.h"
#include "readings/mark_store.h"
#include "readings/marked_process.h"
#include "run/ending_text.h"
#include "run/launch.h"
#include "sites/kept.h"
#include "system/foreign_file.h"
#include "system/program.h"
#include "targets/group_mark.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "text/saved_file.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/fail_if.h"
#include "verbs/site_change.h"
#include "verbs/target_options.h"
#include "views/kept_code.h"
#include "views/load.h"

namespace heapmeter::cli {
namespace {

constexpr std::int64_t kMostRuns = 10'000;
constexpr std::uint64_t kLargestLoad = 16u << 20;

struct Options {
  Wanted wanted;
  std::string save, against;
  std::int64_t per = 1, repeat = 1;
  bool sites = false, json = false;
  Units units;
};

// Beside the marks; a name with a slash is a path of its own.
std::string load_path(const std::string &name) {
  if (name.find('/') != name.npos) return name;
  const std::filesystem::path mark = mark_path(name);
  return mark.parent_path().parent_path() / "loads" / mark.filename();
}

Load load_from(const std::string &name) {
  const std::string path = load_path(name);
  const ForeignFile file = ForeignFile::named(path);
  const auto text = file ? file.text(kLargestLoad) : std::nullopt;
  if (!text) {
    throw UserError(
        fmt::format("there is no load '{}' ({}); heapmeter during TARGET --save {} -- COMMAND makes it",
                    printable(name), path, printable(name)));
  }
  return parse_load(*text, path);
}

void save(const Load &load, const std::string &name) {
  const std::string path = load_path(name);
  std::error_code failed;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  save_file(path, json_text(load_json(load)) + "\n", "--save");
}

Mark mark_with_code(const Target &target, const std::string &name) {
  std::string hindrance;
  Mark mark = sites::mark_with_sites(target, name, hindrance);
  const auto profile = sites::kept_in(mark);
  if (profile && profile->mode == sites::Mode::kOff) refuse_if_it_cannot(target.label(), *profile);
  if (!profile || profile->mode == sites::Mode::kOff)
    throw UserError(
        fmt::format("{} does not tell which code keeps what{}; heapmeter sites {} --sample every "
                    "switches that on, or start it with heapmeter run --sites",
                    target.label(), hindrance.empty() ? "" : ": " + printable(hindrance), target.local_pid));
  return mark;
}

// Runs it once; the reading after is of the moment when it has ended.
Ending run_once(const Chosen &chosen, const std::string &program, const Arguments &command,
                const Options &options, Load &load, std::optional<Mark> &first, std::optional<Mark> &last) {
  const MarkOne mark_one = options.sites ? MarkOne(mark_with_code) : MarkOne(mark_living);
  const Mark before = mark_of(chosen, "before", mark_one);
  Launch launch(program, command, {}, options.json);
  const Ending ending = launch.wait();
  // Of a group, whoever is in it by now.
  last = mark_of(chosen.is_group ? marked_now(before) : chosen, "after", mark_one);
  const Difference difference = difference_between(before, *last);
  if (!difference.same_counters) {
    throw UserError(
        fmt::format("{} started another program meanwhile (exec), which counts from 0: nothing can be "
                    "compared",
                    printable(load.process)));
  }
  LoadCost cost = load_cost(difference);
  cost.seconds = ending.wall_seconds;
  load.runs.push_back(cost);
  add_kept(load.kept, difference.classes);
  if (!first) first = before;
  return ending;
}

// Who of a group is only in part in it.
void tell_unknown(const Difference &difference) {
  const auto count = [&](MemberChange::Stay stay) {
    return static_cast<std::uint64_t>(
        std::count_if(difference.members.begin(), difference.members.end(),
                      [&](const MemberChange &each) { return each.stay == stay; }));
  };
  for (const auto &[stay, what] : {std::pair(MemberChange::Stay::kEnded, "ended"),
                                   std::pair(MemberChange::Stay::kForked, "came by fork")}) {
    if (const auto number = count(stay); number > 0)
      output::note(fmt::format("{} {} meanwhile: of them only what lived is in it, not what they did",
                               format::counted(number, "process"), what));
  }
}

// From before the first run to after the last.
void add_code(Load &load, const Mark &first, const Mark &last) {
  const SiteChange change(first, last, difference_between(first, last).same_process);
  load.has_code = true;
  load.code = kept_code(change.difference.comparison.stacks);
}

Options read_options(const Arguments &arguments, FailIf &fail_if, bool &help) {
  Options options;
  Parser parser(
      "during", "[OPTIONS] TARGET... -- COMMAND [ARGUMENT...]",
      "What a metered process, or a group of them, did while a command ran: exact totals, for each\n"
      "request, and what it kept. The command itself is not metered. Exit code: the command's, or 128 + n "
      "for\n"
      "signal n; 127 no such command, 126 not executable, 1 no reading, 2 usage, 3 a --fail-if holds.",
      "  heapmeter during shop --per 1000 -- ./load.sh\n"
      "  heapmeter during --cgroup nginx.service --per 1000 -- ./load.sh\n"
      "  heapmeter during shop --per 1000 --repeat 5 --save v1 -- ./load.sh\n"
      "  heapmeter during shop --per 1000 --repeat 5 --against v1 -- ./load.sh\n"
      "  heapmeter during shop --per 1000 --fail-if 'kept_bytes_per_request>100' -- ./load.sh");
  add_targets(parser, options.wanted);
  parser.option("--per", options.per, "N", "requests in one run of the command: also what one of them costs");
  parser.option("--repeat", options.repeat, "N",
                "run it so often: the middle of all runs, and how they differ");
  parser.option("--save", options.save, "LOAD", "keep the result, by a name or a path");
  parser.option("--against", options.against, "LOAD", "beside one that was kept");
  parser.flag("--sites", options.sites,
              "what was kept also by the code that made it (of a process whose sites are told)");
  fail_if.add_options(parser);
  parser.json(options.json, "a JSON object; what the command prints goes to stderr");
  parser.bytes(options.units.exact);
  help = !parser.parse(arguments);
  if (help) return options;
  if (options.per < 1) throw UserError("--per is the number of requests; give 1 or more", kUsage);
  if (options.repeat < 1 || options.repeat > kMostRuns)
    throw UserError(fmt::format("--repeat takes 1 to {}", kMostRuns), kUsage);
  fail_if.prepare({conditions::names_of_load(), !options.against.empty()});
  return options;
}

}  // namespace

int cmd_during(const Arguments &arguments) {
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  bool help = false;
  FailIf fail_if;
  const Options options = read_options({arguments.begin(), dashes}, fail_if, help);
  if (help) return kOk;
  if (dashes == arguments.end() || dashes + 1 == arguments.end()) {
    throw UserError(
        "no command is named; heapmeter during TARGET -- COMMAND [ARGUMENT...], with the two dashes", kUsage);
  }
  const Arguments command(dashes + 1, arguments.end());
  const std::string program = find_program(command.front());
  std::optional<Load> before;
  if (!options.against.empty()) before = load_from(options.against);
  const Chosen chosen = choose(options.wanted);
  if (options.sites && chosen.is_group)
    throw UserError("--sites is of one process, and this is a group; name one of it by its pid", kUsage);

  hold_signals();
  Load load;
  load.per = options.per;
  load.process = chosen.label();
  load.name = options.save.empty() ? "now" : mark_title(options.save);
  std::optional<Mark> first, last;
  Ending ending;
  for (std::int64_t run = 0; run < options.repeat && ending.exit_code == 0; ++run)
    ending = run_once(chosen, program, command, options, load, first, last);
  if (options.sites) add_code(load, *first, *last);
  tell_unknown(difference_between(*first, *last));
  const std::string shown = std::filesystem::path(command.front()).filename();
  boost::json::object object = load_json(load);
  // A load that failed has done something else.
  if (fail_if.any() && ending.exit_code == 0) {
    const auto then = before ? std::optional(conditions::figures_in(load_json(*before))) : std::nullopt;
    fail_if.judge(conditions::figures_in(object), then ? &*then : nullptr);
  }
  if (options.json) {
    object["exit_code"] = ending.exit_code;
    object["signal"] =
        ending.signal == 0 ? boost::json::value(nullptr) : boost::json::value(signal_name(ending.signal));
    object["against"] = before ? boost::json::value(load_json(*before)) : boost::json::value(nullptr);
    object["failed"] = fail_if.failed_json();
    output::write(json_text(object) + "\n");
  } else {
    output::write(load_text(load, shown, before ? &*before : nullptr, options.units,
                            Paint::for_fd(STDOUT_FILENO), speaks_utf8(), terminal_columns(STDOUT_FILENO)));
  }
  if (ending.exit_code != 0) {
    output::note(
        fmt::format("{} {}: it may have done less than usual", printable(shown), ending_text(ending)));
  } else if (!options.save.empty()) {
    save(load, options.save);
  }
  return fail_if.exit_code(ending.exit_code);
}

}  // namespace heapmeter::cli
