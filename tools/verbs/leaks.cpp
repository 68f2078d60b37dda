// SPDX-License-Identifier: MIT
//
// heapmeter leaks: which blocks of a process nothing in it points at any more.
#include <algorithm>
#include <chrono>
#include <thread>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "lost/in_registers.h"
#include "lost/made_rules.h"
#include "readings/target.h"
#include "sites/page.h"
#include "symbols/namer.h"
#include "system/foreign_memory.h"
#include "system/process.h"
#include "system/registers.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/before_look.h"
#include "verbs/commands.h"
#include "verbs/suppress.h"
#include "verbs/watch_growth.h"
#include "views/lost.h"

namespace heapmeter::cli {
namespace {

// The process goes on meanwhile; it is the copy that is looked at. Where hundreds of its threads share few
// processors, the one that answers has its turn every few seconds.
constexpr std::chrono::seconds kPatience{120};
constexpr std::chrono::seconds kPatienceForReading{40};
constexpr std::chrono::seconds kPatienceWithStopped{2};

constexpr std::uint64_t kContents = 16;
constexpr int kMostTries = 10;

struct LookOptions {
  bool once = false, contents = false, agreed = false, registers = false;
  double wait_seconds = 2;
};

// A line on the user's terminal that goes away again.
class Waiting {
 public:
  explicit Waiting(const std::string &text) : shown_(isatty(STDERR_FILENO) == 1) {
    if (shown_) output::write_to(STDERR_FILENO, text + " ...");
  }
  ~Waiting() {
    if (shown_) output::write_to(STDERR_FILENO, "\r\x1b[K");
  }
  Waiting(const Waiting &) = delete;
  Waiting &operator=(const Waiting &) = delete;

 private:
  bool shown_;
};

bool is_stopped(int pid) {
  const auto status = process::status(pid);
  return status && (status->state == 'T' || status->state == 't');
}

lost::Look take_look(const Target &target) {
  return change_target(target, HEAPMETER_PATH_LEAKS, kPatience, lost::parse_look);
}

// Its threads stand still until the image is made. Where that was made anew, because a call was half-way,
// they ran again when the one was made that counts.
lost::Look take_look_with_registers(const Target &target, LostView &view) {
  for (int tries = 0; tries < kMostTries; ++tries) {
    Standstill standstill(target.local_pid);
    lost::Look look = take_look(target);
    const Registers read = standstill.end();
    if (read.held == Held::kNeither || (read.held == Held::kUntilImage && look.tries != 1)) continue;
    doubt_held(look, read.words, read.left_out);
    view.registers = {read.threads, read.left_out, read.seconds};
    return look;
  }
  throw UserError(
      fmt::format("in each of {} tries a thread of {} was stopped amid a call, so that its books were not "
                  "complete; without --registers a look tries for longer",
                  kMostTries, target.label()));
}

void name_rows(const Target &target, LostView &view, Suppress &suppress) {
  sites::Profile profile = ask_target(target, HEAPMETER_PATH_SITES, kPatience, sites::parse_profile);
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

// Under the kernel's own rules: the service never sends contents.
void read_contents(const Target &target, LostView &view) {
  view.contents.emplace();
  for (const lost::NamedRow &row : view.rows) {
    ForeignMemory memory;
    // Not more than the block has.
    const auto block = std::find_if(view.look.blocks.begin(), view.look.blocks.end(),
                                    [&](const lost::Block &one) { return one.address == row.row.example; });
    const std::uint64_t bytes = block == view.look.blocks.end() ? 0 : std::min(block->bytes, kContents);
    memory = foreign_memory(target.local_pid, row.row.example, bytes);
    if (memory.error != 0) {
      view.no_contents = memory.error == EPERM
                             ? "the kernel lets only root, or who may trace it, read another process's memory"
                             : strerror(memory.error);
      return;
    }
    (*view.contents)[row.row.example] = std::move(memory.bytes);
  }
}

LostView look_at(const Target &target, const LookOptions &options, Suppress &suppress) {
  LostView view;
  // Asked first, in short: who does not answer that is told why, and does not wait for a look.
  const Reading before =
      read_target(target, is_stopped(target.local_pid) ? kPatienceWithStopped : kPatienceForReading);
  if (options.registers) {
    if (target.local_pid == 0)
      throw UserError(fmt::format("--registers: which process here {} is, is not known", target.label()));
    if (const std::string reason = refusal_to_trace(target.local_pid); !reason.empty())
      throw UserError(fmt::format("--registers: {} may not be traced: {}", target.label(), reason));
  }
  agree_to_look(before, options.agreed);
  {
    const Waiting waiting(
        options.once ? "looking"
                     : fmt::format("looking twice, {} apart", format::duration(options.wait_seconds)));
    const auto last_look = [&] {
      return options.registers ? take_look_with_registers(target, view) : take_look(target);
    };
    if (options.once) {
      view.look = last_look();
    } else {
      const lost::Look first = take_look(target);
      std::this_thread::sleep_for(std::chrono::duration<double>(options.wait_seconds));
      view.look = confirmed(first, last_look());
      view.apart_seconds = options.wait_seconds;
    }
  }
  name_rows(target, view, suppress);
  if (options.contents) read_contents(target, view);
  // What was found is not thrown away for a process that answers late.
  if (read_target(target, kPatience).counting_since_ns != before.counting_since_ns)
    throw UserError(fmt::format("{} started another program meanwhile; try again", target.label()));
  return view;
}

}  // namespace

int cmd_leaks(const Arguments &arguments) {
  std::string name;
  bool json = false;
  LookOptions options;
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
  const LostView view = read_living(target, [&] { return look_at(target, options, suppress); });
  if (json) {
    output::write(json_text(lost_json(view)) + "\n");
  } else {
    output::write(lost_text(target.label(), view, static_cast<std::size_t>(most_rows),
                            static_cast<std::size_t>(depth), units, Paint::for_fd(STDOUT_FILENO),
                            terminal_columns(STDOUT_FILENO)));
  }
  return kOk;
}

}  // namespace heapmeter::cli
