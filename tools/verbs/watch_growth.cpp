// SPDX-License-Identifier: MIT
#include "verbs/watch_growth.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <thread>

#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "sites/naming.h"
#include "sites/page.h"
#include "text/format.h"
#include "text/output.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{20};
constexpr double kLongest = 7 * 24 * 3600, kShortest = 1, kLong = 600;
constexpr std::size_t kReadings = 24, kReadingsOfLong = 48;

struct Taken {
  double seconds = 0;
  std::map<std::string, sites::Values> by_site;
  std::map<std::string, std::vector<std::uint64_t>> lived;  // as growth::Point has it
  std::uint64_t live_bytes = 0;
};

// A line on the user's terminal while it lasts.
class Countdown {
 public:
  explicit Countdown(double all) : all_(all), shown_(isatty(STDERR_FILENO) == 1) {}
  ~Countdown() { show("\r\x1b[K"); }
  Countdown(const Countdown &) = delete;
  Countdown &operator=(const Countdown &) = delete;
  void tick(double seconds) const {
    show(fmt::format("\r\x1b[Kwatching: {:.0f} of {}", seconds, format::duration(all_)));
  }

 private:
  void show(const std::string &text) const {
    if (shown_) output::write_to(STDERR_FILENO, text);
  }
  double all_;
  bool shown_;
};

sites::Profile read_sites(const Target &target) {
  sites::Profile profile = ask_target(target, HEAPMETER_PATH_SITES, kPatience, sites::parse_profile);
  if (profile.mode == sites::Mode::kEvery) return profile;
  throw UserError(fmt::format(
      "growth is told by which code holds what, and {} {}: heapmeter sites {} --sample every, "
      "or heapmeter run --sites from its start",
      target.label(), profile.mode == sites::Mode::kOff ? "does not note that" : "notes samples only",
      target.local_pid != 0 ? std::to_string(target.local_pid) : target.endpoint.path()));
}

void add(std::vector<std::uint64_t> &sum, const std::vector<std::uint64_t> &more) {
  sum.resize(std::max(sum.size(), more.size()));
  for (std::size_t at = 0; at < more.size(); ++at) sum[at] += more[at];
}

std::vector<std::uint64_t> lived_at(const sites::Profile &profile, const sites::Site &site) {
  std::vector<std::uint64_t> lived;
  for (const sites::Lived &some : lived_by(profile, site.leaf)) {
    lived.resize(some.doubling + 1);
    lived.back() = some.blocks;
  }
  return lived;
}

growth::Series series_of(const std::vector<std::string> &sites, const std::vector<Taken> &taken) {
  growth::Series series;
  for (const Taken &each : taken) {
    growth::Point point{each.seconds};
    for (const std::string &site : sites) {
      const auto found = each.by_site.find(site);
      if (found == each.by_site.end()) continue;
      point.live_blocks += found->second.live_blocks;
      point.live_bytes += found->second.live_bytes;
      point.allocations += found->second.allocations;
      point.allocated_bytes += found->second.allocated_bytes;
      if (const auto lived = each.lived.find(site); lived != each.lived.end())
        add(point.lived, lived->second);
    }
    series.push_back(point);
  }
  return series;
}

void judge(const sites::Stacks &stacks, const std::vector<std::string> &names,
           const std::vector<Taken> &taken, GrowthView &view) {
  std::vector<growth::Series> all;
  for (const sites::Stacks::Stack &stack : stacks.stacks) {
    std::vector<std::string> sites;
    for (const std::uint32_t site : stack.sites) sites.push_back(names.at(site));
    all.push_back(series_of(sites, taken));
  }
  const std::vector<growth::Verdict> verdicts = growth::verdicts(all);
  view.places = verdicts.size();
  for (std::size_t at = 0; at < verdicts.size(); ++at) {
    const growth::Finding finding = verdicts[at].finding;
    view.too_few += finding == growth::Finding::kTooFew ? 1 : 0;
    if (finding != growth::Finding::kGrows && finding != growth::Finding::kHeldAndGrowing) continue;
    const sites::Stacks::Stack &stack = stacks.stacks[at];
    GrowingPlace place{verdicts[at], stack.name, {}, all[at].front().live_bytes, all[at].back().live_bytes};
    for (auto frame = stack.frames.rbegin(); frame != stack.frames.rend(); ++frame)
      place.frames.push_back(stacks.frames.at(*frame));
    view.growing.push_back(std::move(place));
  }
  std::stable_sort(view.growing.begin(), view.growing.end(),
                   [](const GrowingPlace &a, const GrowingPlace &b) {
                     if (a.verdict.finding != b.verdict.finding) return a.verdict.finding > b.verdict.finding;
                     return a.verdict.bytes.middle > b.verdict.bytes.middle;
                   });
}

}  // namespace

double growth_seconds(const std::string &text) {
  double number = 0;
  const char *end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, number);
  const std::string_view name(unit, static_cast<std::size_t>(end - unit));
  const double factor = name.empty() || name == "s" ? 1 : name == "m" ? 60 : name == "h" ? 3600 : 0;
  const double seconds = number * factor;
  if (error != std::errc() || !(seconds >= kShortest && seconds <= kLongest))
    throw UserError(fmt::format("--growth={} is no time to watch; give such as 60s, 5m or 2h, up to a week",
                                printable(text)),
                    kUsage);
  return seconds;
}

GrowthView watch_growth(const Target &target, double seconds) {
  const Reading before = read_target(target, kPatience);
  const std::size_t readings = seconds >= kLong ? kReadingsOfLong : kReadings;
  std::vector<Taken> taken;
  sites::Profile last;
  std::vector<std::string> names;
  const Clock::time_point start = Clock::now();
  const Countdown countdown(seconds);
  const auto since = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  while (taken.size() < readings) {
    const double next = seconds * static_cast<double>(taken.size()) / static_cast<double>(readings - 1);
    while (since() < next) {
      countdown.tick(since());
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(1.0, next - since())));
    }
    last = read_sites(target);
    Taken one{since(), {}, {}, last.live_bytes};
    names.clear();
    for (const sites::Site &site : last.sites) {
      names.push_back(sites::site_name(last, site));
      one.by_site[names.back()] += site.values;
      if (const auto lived = lived_at(last, site); !lived.empty()) add(one.lived[names.back()], lived);
    }
    taken.push_back(std::move(one));
  }
  if (read_target(target, kPatience).counting_since_ns != before.counting_since_ns)
    throw UserError(fmt::format("{} started another program meanwhile; try again", target.label()));
  GrowthView view;
  view.label = target.label();
  view.pid = last.pid;
  view.start_time = last.start_time;
  view.seconds = taken.back().seconds - taken.front().seconds;
  view.readings = taken.size();
  view.bytes_before = taken.front().live_bytes;
  view.bytes_after = taken.back().live_bytes;
  const sites::NamedStacks named = sites::named(target.local_pid, last);
  judge(named.stacks, names, taken, view);
  if (!view.growing.empty()) view.advice = named.advice;
  return view;
}

}  // namespace heapmeter::cli
