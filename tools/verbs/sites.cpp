// SPDX-License-Identifier: MIT
//
// heapmeter sites: which code holds what a process holds.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <thread>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "readings/target.h"
#include "sites/formats.h"
#include "sites/page.h"
#include "symbols/namer.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "text/saved_file.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "views/site_picture.h"
#include "views/site_table.h"

namespace heapmeter::cli {
namespace {

using sites::By;

constexpr std::chrono::milliseconds kPatience{10'000};
constexpr std::int64_t kUsualRows = 15, kUsualTreeRows = 50, kUsualDepth = 4, kUsualTreeDepth = 12;
constexpr double kUsualInterval = 2, kLongestInterval = 86'400;
constexpr std::size_t kLeastName = 4;

struct Options {
  std::string target, by = "live", tree, focus, ignore, site, flame, svg, speedscope, pprof, sample, for_time;
  double interval = kUsualInterval;
  std::int64_t rows = 0, depth = 0;
  bool json = false, folded = false;
  Units units;
};

By by_called(const std::string &name) {
  const auto known = std::find(std::begin(sites::kByNames), std::end(sites::kByNames), name);
  return static_cast<By>(known - std::begin(sites::kByNames));
}

// "60", "60s", "5m", "2h": as seconds.
std::string seconds_of(const std::string &text) {
  std::size_t used = 0;
  double number = 0;
  try {
    number = std::stod(text, &used);
  } catch (const std::exception &) {
    used = 0;
  }
  const std::string unit = text.substr(used);
  const double factor = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  const double seconds = std::ceil(number * factor);
  if (used == 0 || factor == 0 || !(seconds >= 1 && seconds <= 1e9))
    throw UserError(fmt::format("--for {} is no time; give such as 60s, 5m or 2h", printable(text)), kUsage);
  return fmt::format("{:.0f}", seconds);
}

sites::Profile read_sites(const Target &target) {
  return read_living(
      target, [&] { return ask_target(target, HEAPMETER_PATH_SITES, kPatience, sites::parse_profile); });
}

void check(const Options &options, const Parser &parser) {
  const auto refuse = [](const std::string &why) {
    throw UserError(why + "; see heapmeter sites --help", kUsage);
  };
  if (parser.given("-n") && options.rows < 1) refuse("-n is the number of rows; give 1 or more");
  if (parser.given("--depth") && options.depth < 1)
    refuse("--depth is the number of callers; give 1 or more");
  if (!(options.interval > 0 && options.interval <= kLongestInterval))
    refuse("-i is the time between two readings; give seconds, up to a day");
  if (parser.given("-i") && !is_change(by_called(options.by))) refuse("-i is for --by growth and --by rate");
  if (parser.given("--for") && options.sample.empty()) refuse("--for is for --sample");
  for (const char letter : options.sample) {
    if (!isalnum(static_cast<unsigned char>(letter)))
      refuse(fmt::format("--sample {} is no way to sample; give every, off or bytes such as 512K",
                         printable(options.sample)));
  }
  if (!options.site.empty() && options.site.size() < kLeastName)
    refuse(fmt::format("--site takes {} digits of a site's name at least", kLeastName));
}

int change_mode(const Target &target, const Options &options) {
  std::string path = HEAPMETER_PATH_SITES "?sample=" + options.sample;
  if (!options.for_time.empty()) path += "&for=" + seconds_of(options.for_time);
  const sites::Profile now =
      read_living(target, [&] { return change_target(target, path, kPatience, sites::parse_profile); });
  output::write(fmt::format("{}: {}\n", target.label(), mode_text(now)));
  return kOk;
}

[[noreturn]] void throw_off(const Target &target) {
  const std::string who = target.local_pid != 0 ? std::to_string(target.local_pid) : target.endpoint.path();
  throw UserError(
      fmt::format("{} does not note which code allocates; from now on it does after heapmeter sites {} "
                  "--sample every (or --sample 512K, which costs less), and from its start with "
                  "heapmeter run --sites",
                  target.label(), who));
}

struct Taken {
  sites::Profile profile;                 // the last reading
  std::optional<sites::Profile> earlier;  // and where what lies between is asked for, the one before
  std::optional<sites::Profile> change;

  const sites::Profile &shown() const { return change ? *change : profile; }
  double seconds() const { return earlier ? profile.time - earlier->time : 0; }
};

Taken take(const Target &target, const Options &options, By by) {
  Taken taken{read_sites(target), {}, {}};
  if (taken.profile.mode == sites::Mode::kOff) throw_off(target);
  if (!is_change(by)) return taken;
  std::this_thread::sleep_for(std::chrono::duration<double>(options.interval));
  taken.earlier = std::exchange(taken.profile, read_sites(target));
  if (taken.profile.mode == sites::Mode::kOff) throw_off(target);
  taken.change = sites::change(*taken.earlier, taken.profile);
  return taken;
}

sites::Stacks named(const Target &target, const sites::Profile &profile) {
  symbols::Namer namer(target.local_pid, profile.modules);
  namer.prepare(sites::places(profile));
  return sites::name_stacks(profile,
                            [&](int module, std::uint64_t offset) { return namer.name(module, offset); });
}

// Of readings, not of changes: what lies between two is seen from both.
void save_pictures(const Options &options, const Target &target, const Taken &taken, const SiteView &shown) {
  const sites::Selection selection{options.focus, options.ignore};
  const auto view_of = [&](const sites::Profile &profile, const sites::Stacks &stacks) {
    SiteView view{profile, stacks, sites::selected(stacks, selection)};
    view.by = shown.by;
    view.seconds = shown.seconds;
    view.label = shown.label;
    view.advice = shown.advice;
    return view;
  };
  sites::Stacks earlier_stacks, stacks;
  std::optional<SiteView> earlier;
  if (taken.earlier) {
    earlier_stacks = named(target, *taken.earlier);
    stacks = named(target, taken.profile);
    earlier.emplace(view_of(*taken.earlier, earlier_stacks));
  }
  const SiteView view = view_of(taken.profile, taken.earlier ? stacks : shown.stacks);
  const SitePicture picture{view, earlier ? &*earlier : nullptr,
                            options.focus.empty() && options.ignore.empty()};
  if (!options.flame.empty()) save_file(options.flame, site_page(picture), "--flame");
  if (!options.svg.empty()) save_file(options.svg, site_svg(picture), "--svg");
}

void require(bool has, const char *what) {
  if (!has) throw UserError(fmt::format("its library does not note {} by site", what));
}

void show_site(const sites::Profile &profile, const sites::Naming &naming, const Options &options,
               const Look &look) {
  bool found = false;
  for (std::uint32_t at = 0; at < profile.sites.size(); ++at) {
    if (!site_name(profile, profile.sites[at]).starts_with(options.site)) continue;
    output::write((found ? "\n" : "") + site_text(profile, at, naming, look));
    found = true;
  }
  if (!found)
    throw UserError(fmt::format("no site's name begins with {}; heapmeter sites TARGET --json has them all",
                                printable(options.site)));
}

}  // namespace

int cmd_sites(const Arguments &arguments) {
  Options options;
  Parser parser(
      "sites", "[OPTIONS] TARGET",
      "Which code holds what a metered process holds: function, file and line, and who called it. The "
      "process must note that: start it by heapmeter run --sites, or switch it on here by --sample.",
      "  heapmeter sites checkout                        what holds most\n"
      "  heapmeter sites checkout --by growth -i 10      what grows within ten seconds\n"
      "  heapmeter sites checkout --tree --focus parse   who leads to parse, and how much each\n"
      "  heapmeter sites checkout --sample every --for 60s");
  parser.target(options.target);
  parser.option("--by", options.by, "WHAT", "the order: live (bytes)",
                {std::begin(sites::kByNames), std::end(sites::kByNames)});
  parser.option("-i", options.interval, "SECONDS", "between the two readings of growth and rate (2)");
  parser.optional_value("--tree", options.tree, "FROM", "callers",
                        "who called whom: from the code up to its callers, or, with =callees, from main down",
                        {"callers", "callees"});
  parser.option("--focus", options.focus, "REGEX", "only stacks with such a function, file or module");
  parser.option("--ignore", options.ignore, "REGEX", "no stacks with such a function, file or module");
  parser.option("-n", options.rows, "N", "so many rows (15; of a tree 50; with --json all)");
  parser.option("--depth", options.depth, "N", "so many callers of each (4; of a tree 12)");
  parser.option("--site", options.site, "NAME", "one site in full: every frame, with addresses");
  parser.json(options.json, "a JSON object");
  parser.flag("--folded", options.folded, "a line a stack, for flamegraph.pl and its like");
  parser.option("--flame", options.flame, "FILE", "a flame graph as a page for browsers, into this file");
  parser.option("--svg", options.svg, "FILE", "a flame graph as a picture, into this file");
  parser.option("--speedscope", options.speedscope, "FILE", "for https://www.speedscope.app, into this file");
  parser.option("--pprof", options.pprof, "FILE", "for pprof (profile.proto, compressed), into this file");
  parser.option("--sample", options.sample, "HOW",
                "from now on: every allocation (every), one in so many bytes (512K), or none (off)");
  parser.option("--for", options.for_time, "TIME", "with --sample: and after so long back again (60s, 5m)");
  parser.bytes(options.units.exact);
  if (!parser.parse(arguments)) return kOk;
  check(options, parser);
  const Target target = resolve_target(options.target);
  if (!options.sample.empty()) return change_mode(target, options);

  const By by = by_called(options.by);
  const Taken taken = take(target, options, by);
  const sites::Profile &profile = taken.shown();
  require(by != By::kPeak || profile.has_peaks, "the peak");
  require(by != By::kTemporary || profile.has_temporary, "temporary blocks");
  symbols::Namer namer(target.local_pid, profile.modules);
  namer.prepare(sites::places(profile));
  const sites::Naming naming = [&](int module, std::uint64_t offset) { return namer.name(module, offset); };
  const Look look{options.units, Paint::for_fd(STDOUT_FILENO), speaks_utf8(),
                  terminal_columns(STDOUT_FILENO)};
  if (!options.site.empty()) {
    show_site(profile, naming, options, look);
    return kOk;
  }
  const sites::Stacks stacks = sites::name_stacks(profile, naming);
  const bool tree = !options.tree.empty();
  SiteView view{profile,
                stacks,
                sites::ranked(stacks, by, {options.focus, options.ignore}),
                by,
                taken.seconds(),
                target.label(),
                namer.advice(),
                options.rows,
                options.depth};
  if (view.depth == 0) view.depth = tree ? kUsualTreeDepth : kUsualDepth;
  if (view.rows == 0)
    view.rows = options.json ? std::numeric_limits<std::int64_t>::max() : tree ? kUsualTreeRows : kUsualRows;
  const bool pictures = !options.flame.empty() || !options.svg.empty();
  const bool to_file = pictures || !options.speedscope.empty() || !options.pprof.empty();
  if (pictures) save_pictures(options, target, taken, view);
  if (!options.speedscope.empty())
    save_file(options.speedscope, sites::speedscope_text(profile, stacks, view.chosen), "--speedscope");
  if (!options.pprof.empty())
    save_file(options.pprof, sites::gzipped(sites::pprof_message(profile, naming)), "--pprof");
  if (options.json)
    output::write(json_text(sites_json(view)) + "\n");
  else if (options.folded)
    output::write(sites::folded_text(stacks, view.chosen, by));
  else if (tree)
    output::write(site_tree(
        view, options.tree == "callees" ? sites::Direction::kCallees : sites::Direction::kCallers, look));
  else if (!to_file)
    output::write(site_table(view, look));
  return kOk;
}

}  // namespace heapmeter::cli
