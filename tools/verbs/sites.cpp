// SPDX-License-Identifier: MIT
//
// heapmeter sites: which code holds what a process holds.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "readings/mark_store.h"
#include "sites/kept.h"
#include "sites/page.h"
#include "targets/chosen.h"
#include "text/amount.h"
#include "text/format.h"
#include "text/output.h"
#include "text/sample_word.h"
#include "text/terminal.h"
#include "verbs/arguments.h"
#include "verbs/before_look.h"
#include "verbs/commands.h"
#include "verbs/in_turn.h"
#include "verbs/site_group.h"
#include "verbs/site_reading.h"
#include "verbs/target_options.h"
#include "views/site_table.h"

namespace heapmeter::cli {
namespace {

using sites::By;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{10'000}, kPatienceForLook{120'000};
constexpr double kUsualInterval = 2, kLeastInterval = 0.01, kLongestInterval = 86'400;
constexpr double kLongestTime = 31'536'000;
constexpr std::size_t kLeastName = 4;

// What a command that only switches has no use for.
constexpr const char *kShows[] = {"--by",      "--under", "--since",      "-i",       "-c",
                                  "--tree",    "--focus", "--ignore",     "--thread", "-n",
                                  "--depth",   "--site",  "--json",       "--folded", "--flame",
                                  "--holders", "--svg",   "--speedscope", "--pprof"};

struct Options {
  Wanted wanted;
  std::string by, since, sample, for_time, under, thread;
  bool agreed = false;  // to a look that costs much
  double interval = kUsualInterval;
  std::int64_t count = 0;  // 0: until the process ends
  SiteOptions output;
};

By by_called(const std::string &name) {
  const auto known = std::find(std::begin(sites::kByNames), std::end(sites::kByNames), name);
  return static_cast<By>(known - std::begin(sites::kByNames));
}

double milliseconds_of(const std::string &text) {
  const auto seconds = seconds_in(text);
  if (seconds && *seconds >= 1e-3 && *seconds <= kLongestTime) return 1e3 * *seconds;
  throw UserError(fmt::format("--under {} is no time; give such as 10ms, 2s or 5m", printable(text)), kUsage);
}

// As the library takes them.
std::string whole_seconds_of(const std::string &text) {
  const auto seconds = seconds_in(text);
  if (seconds && *seconds <= kLongestTime) return fmt::format("{:.0f}", std::ceil(*seconds));
  throw UserError(
      fmt::format("--for {} is no time; give such as 60s, 5m or 2h, up to a year", printable(text)), kUsage);
}

void check(const Options &options, const Parser &parser) {
  const auto refuse = [](const std::string &why) {
    throw UserError(why + "; see heapmeter sites --help", kUsage);
  };
  const SiteOptions &output = options.output;
  for (const char *shows : kShows) {
    if (!options.sample.empty() && parser.given(shows))
      refuse(fmt::format("--sample switches and shows nothing; give it in a command of its own, without {}",
                         shows));
  }
  if (parser.given("-n") && output.rows < 1) refuse("-n is the number of rows; give 1 or more");
  if (parser.given("--depth") && output.depth < 1) refuse("--depth is the number of callers; give 1 or more");
  if (!(options.interval >= kLeastInterval && options.interval <= kLongestInterval))
    refuse("-i is the time between two readings; give seconds, from 0.01 to a day");
  if (parser.given("-c") && options.count < 1) refuse("-c is the number of readings; give 1 or more");
  if (options.count > 1 && (output.to_file() || output.folded || !output.site.empty()))
    refuse("-c is for tables and --json, which may come again and again");
  if (parser.given("--under")) {
    if (by_called(options.by) != By::kTemporary) refuse("--under is for --by temporary");
    milliseconds_of(options.under);
  }
  if (parser.given("--for") && options.sample.empty()) refuse("--for is for --sample");
  const By by = options.by.empty() ? By::kLive : by_called(options.by);
  if (!options.thread.empty() && (!options.since.empty() || (by != By::kLive && by != By::kBlocks)))
    refuse(
        "--thread is for what is live (--by live or blocks): samples tell of live blocks which thread asked "
        "for "
        "them; what it allocated in all is in heapmeter threads");
  if (output.holders && output.flame.empty()) refuse("--holders is for the page that --flame makes");
  if (!options.since.empty() && !options.by.empty() && !is_change(by_called(options.by)))
    refuse("--since is for --by growth, which it means alone, and --by rate");
  if (!output.site.empty() && output.site.size() < kLeastName)
    refuse(fmt::format("--site takes {} digits of a site's name at least", kLeastName));
}

std::string way_to_sample(const std::string &text) {
  const auto word = sample_word(text);
  if (word) return *word;
  throw UserError(no_sample_word("--sample ", text, "sites"), kUsage);
}

int change_mode(const Target &target, const Options &options) {
  std::string path = HEAPMETER_PATH_SITES "?sample=" + way_to_sample(options.sample);
  if (!options.for_time.empty()) path += "&for=" + whole_seconds_of(options.for_time);
  const sites::Profile now =
      read_living(target, [&] { return change_target(target, path, kPatience, sites::parse_profile); });
  const char *forgotten = now.mode == sites::Mode::kOff ? "; what was noted is forgotten" : "";
  output::write(fmt::format("{}: {}{}\n", target.label(), mode_text(now), forgotten));
  return kOk;
}

// Each says what became of it; one that refuses keeps none of the others from it.
int change_mode_of_all(const Chosen &chosen, const Options &options) {
  if (!chosen.is_group) return change_mode(chosen.only(), options);
  int result = kFailed;
  for (const Target &target : chosen.targets) {
    try {
      result = change_mode(target, options);
    } catch (const UserError &error) {
      if (error.exit_code() == kUsage) throw;
      output::note(error.what());
    }
  }
  return result;
}

[[noreturn]] void throw_off(const Target &target) {
  const std::string who = target.local_pid != 0 ? std::to_string(target.local_pid) : target.endpoint.path();
  throw UserError(fmt::format(
      "{} does not note which code allocates; heapmeter sites {} --sample every makes it do so from "
      "now on (--sample 512K costs less), heapmeter run --sites from its start",
      target.label(), who));
}

// Throws ProcessEnded, too.
sites::Profile read_noted(const Target &target, const std::string &thread) {
  SiteReading reading = read_sites(target, thread);
  if (reading.profile.mode == sites::Mode::kOff) {
    refuse_if_it_cannot(target.label(), reading.profile);
    throw_off(target);
  }
  if (reading.profile.of_threads && reading.profile.threads.empty())
    throw_no_thread(target.label(), thread, std::move(reading.threads));
  return std::move(reading.profile);
}

// A reading of this very process, kept.
sites::Profile of_mark(const std::string &name, const Target &target, const sites::Profile &now) {
  const Mark mark = load_mark(name);
  const auto profile = sites::kept_in(mark);
  const auto refuse = [&](const std::string &why) {
    throw UserError(fmt::format("the mark '{}' {}", printable(mark.name), why));
  };
  if (!profile || profile->pid != now.pid || profile->start_time != now.start_time)
    refuse(fmt::format("is not of {} as it is now but of {}; heapmeter diff compares any two", target.label(),
                       printable(mark.process())));
  const std::string advice = fmt::format("; heapmeter diff {} shows what came after that", printable(name));
  if (profile->mode == sites::Mode::kOff) refuse("has no sites: attribution began later" + advice);
  if (profile->mode != now.mode || profile->since != now.since)
    refuse("is older than attribution, which began anew" + advice);
  return *profile;
}

// One reading, or what lies between two; or, with -i, again and again.
class Series {
 public:
  Series(Target target, const Options &options, By by, bool repeated)
      : target_(std::move(target)),
        options_(options),
        by_(by),
        repeated_(repeated),
        output_(target_.local_pid, options.output, by) {}

  // Throws ProcessEnded when it ended before anything was shown.
  int run() {
    try {
      return go_on();
    } catch (const ProcessEnded &) {
      if (!shown_) throw;
      output::note(label_ + " has ended");
      return kOk;
    }
  }

 private:
  int go_on() {
    std::optional<sites::Profile> earlier;
    if (!options_.since.empty()) {
      read_ = read_noted(target_, options_.thread);
      earlier = of_mark(options_.since, target_, *read_);
    }
    const auto step =
        std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.interval));
    auto next = Clock::now();
    if (!earlier && is_change(by_)) {
      earlier = read_noted(target_, options_.thread);
      earlier_read_ = Clock::now();
      std::this_thread::sleep_until(next += step);
    }
    for (std::int64_t shown = 1;; ++shown) {
      show(earlier);
      if (!repeated_ || shown == options_.count) return kOk;
      // Late by more than a step (a suspended machine): no burst to catch up.
      next += step;
      if (Clock::now() >= next) next = Clock::now() + step;
      std::this_thread::sleep_until(next);
    }
  }

  // Asked for after the sites were read: the numbers of stacks are those of the reading.
  lost::Holding ask_holders(const std::vector<std::uint32_t> &leaves, std::size_t &asked) const {
    agree_to_look(read_target(target_, kPatience), options_.agreed);
    const std::string query = lost::leaf_query(leaves, asked);
    return in_turn([&] {
      return change_target(target_, HEAPMETER_PATH_HOLDERS + query + "&apart", kPatienceForLook,
                           lost::parse_holding);
    });
  }

  // Growth is since the first reading, a rate between the last two.
  void show(std::optional<sites::Profile> &earlier) {
    TakenSites taken{label_,
                     read_ ? *std::exchange(read_, std::nullopt) : read_noted(target_, options_.thread),
                     earlier,
                     {}};
    if (options_.output.holders)
      taken.ask_holders = [this](const auto &leaves, auto &asked) { return ask_holders(leaves, asked); };
    if (!options_.output.site.empty() && options_.thread.empty() && !earlier) {
      if (auto read = read_sites_by_thread(target_)) {
        taken.profile = std::move(read->profile);
        taken.threads = std::move(read->names);
      }
    }
    if (!options_.under.empty()) sites::tell_short_lived(taken.profile, milliseconds_of(options_.under));
    const auto read = Clock::now();
    if (earlier) taken.change = sites::change(*earlier, taken.profile);
    if (earlier_read_) taken.lapse = std::chrono::duration<double>(read - *earlier_read_).count();
    if (shown_ && !options_.output.json) output::write("\n");
    output_.write(taken);
    shown_ = true;
    if (by_ != By::kRate || !options_.since.empty()) return;
    earlier = std::move(taken.profile);
    earlier_read_ = read;
  }

  const Target target_;
  const std::string label_ = target_.label();  // while it lives
  const Options &options_;
  const By by_;
  const bool repeated_;
  bool shown_ = false;
  std::optional<sites::Profile> read_;  // and not yet shown
  SiteOutput output_;
  std::optional<Clock::time_point> earlier_read_;  // none of a mark
};

}  // namespace

int cmd_sites(const Arguments &arguments) {
  Options options;
  Parser parser(
      "sites", "[OPTIONS] TARGET...",
      "Which code holds what a metered process, or a group of them, holds: function, file and line, and who "
      "called it. The "
      "process must note that: start it by heapmeter run --sites, or switch it on here by --sample.",
      "  heapmeter sites checkout                        what holds most\n"
      "  heapmeter sites checkout -i 10                  what grows, every ten seconds\n"
      "  heapmeter sites checkout --since before         what grew since a mark\n"
      "  heapmeter sites checkout --tree --focus parse   who leads to it\n"
      "  heapmeter sites checkout --thread 'worker*'     what these threads asked for\n"
      "  heapmeter sites 'php*' --flame php.html         several processes as one\n"
      "  heapmeter sites checkout --sample every --for 60s");
  SiteOptions &output = options.output;
  add_targets(parser, options.wanted);
  parser.option("--by", options.by, "WHAT", "the order: live (bytes)",
                {std::begin(sites::kByNames), std::end(sites::kByNames)});
  parser.option(
      "--under", options.under, "TIME",
      "with --by temporary: blocks that lived less than that (10ms, 2s), by samples; else those that "
      "the very next call of their thread freed");
  parser.option("--since", options.since, "MARK",
                "what grew since a mark of the same TARGET (see heapmeter mark)");
  parser.option(
      "-i,--interval", options.interval, "SECONDS",
      "again and again, so long after each other (2): what grows since the first reading, or what --by says");
  parser.option("-c,--count", options.count, "N", "this many times, then end");
  parser.optional_value("--tree", output.tree, "FROM", "callers",
                        "who called whom: from the code up to its callers, or, with an equals sign "
                        "(--tree=callees), from main down",
                        {"callers", "callees"});
  parser.option("--focus", output.focus, "REGEX", "only stacks with such a function, file or module");
  parser.option("--ignore", output.ignore, "REGEX", "no stacks with such a function, file or module");
  parser.option(
      "--thread", options.thread, "THREAD",
      "only what this thread asked for and is live, by samples: a name, a pattern of names, a tid, or "
      "(exited)");
  parser.option("-n", output.rows, "N", "so many rows (15; with -i 5; of a tree 50; with --json all)");
  parser.option("--depth", output.depth, "N", "so many callers of each (4; of a tree 12)");
  parser.option("--site", output.site, "NAME", "one site in full: every frame, with addresses");
  parser.json(output.json, "a JSON object; with -i, a line for each reading");
  parser.flag("--folded", output.folded, "a line a stack, for flamegraph.pl and its like");
  parser.option("--flame", output.flame, "FILE", "a flame graph as a page for browsers, into this file");
  parser.flag(
      "--holders", output.holders,
      "with --flame: who points at the blocks of what is clicked; a copy of the process is looked at");
  parser.flag("--yes", options.agreed, "do not ask before a look that costs much");
  parser.option("--svg", output.svg, "FILE", "a flame graph as a picture, into this file");
  parser.option("--speedscope", output.speedscope, "FILE", "for https://www.speedscope.app, into this file");
  parser.option("--pprof", output.pprof, "FILE", "for pprof (profile.proto, compressed), into this file");
  parser.option("--sample", options.sample, "HOW",
                "from now on: every allocation (every), one in so many bytes (512K), or none (off); what was "
                "noted before is then forgotten: heapmeter mark keeps it");
  parser.option(
      "--for", options.for_time, "TIME",
      "with --sample: and after so long back again (60s, 5m); what was noted is then forgotten: read it "
      "or mark before");
  parser.bytes(output.units.exact);
  if (!parser.parse(arguments)) return kOk;
  check(options, parser);
  const Chosen chosen = choose(options.wanted);
  if (!options.sample.empty()) return change_mode_of_all(chosen, options);
  const bool asks_again = parser.given("--interval") || parser.given("--count");
  const bool once = output.to_file() || output.folded || !output.site.empty();
  const bool means_growth =
      options.by.empty() && options.thread.empty() && (asks_again || !options.since.empty());
  const By by = means_growth ? By::kGrowth : options.by.empty() ? By::kLive : by_called(options.by);
  output.repeated = asks_again && !once;
  if (chosen.is_group) {
    if (output.holders) throw UserError("--holders is for one process", kUsage);
    const double under = options.under.empty() ? 0 : milliseconds_of(options.under);
    return show_sites_of({options.wanted, options.output, by, output.repeated, options.interval,
                          options.count, under, options.since, options.thread});
  }
  const Target &target = chosen.only();
  Series series(target, options, by, output.repeated);
  return read_living(target, [&] { return series.run(); });
}

}  // namespace heapmeter::cli
