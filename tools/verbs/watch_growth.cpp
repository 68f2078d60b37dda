// SPDX-License-Identifier: MIT
#include "verbs/watch_growth.h"

#include <algorithm>
#include <chrono>
#include <list>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "growth/course.h"
#include "sites/naming.h"
#include "sites/page.h"
#include "sites/together.h"
#include "text/amount.h"
#include "text/format.h"
#include "text/output.h"
#include "text/passing_line.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatienceWithGrowth{20};
constexpr double kLongest = 7 * 24 * 3600, kShortest = 1, kLong = 600;
constexpr std::size_t kReadings = 24, kReadingsOfLong = 48;

sites::Profile read_sites(const Target &target) {
  sites::Profile profile =
      ask_target(target, HEAPMETER_PATH_SITES, kPatienceWithGrowth, sites::parse_profile);
  if (profile.mode == sites::Mode::kEvery) return profile;
  refuse_if_it_cannot(target.label(), profile);
  throw UserError(fmt::format(
      "growth is told by which code holds what, and {} {}: heapmeter sites {} --sample every, "
      "or heapmeter run --sites from its start",
      target.label(), profile.mode == sites::Mode::kOff ? "does not note that" : "notes samples only",
      target.local_pid != 0 ? std::to_string(target.local_pid) : target.endpoint.path()));
}

std::map<std::string, growth::Point> places_of(const sites::Profile &profile) {
  std::map<std::string, growth::Point> places;
  for (const sites::Site &site : profile.sites) {
    growth::Point point;
    point.live_blocks = site.values.live_blocks;
    point.live_bytes = site.values.live_bytes;
    point.allocations = site.values.allocations;
    point.allocated_bytes = site.values.allocated_bytes;
    for (const sites::Lived &some : lived_by(profile, site.leaf)) {
      point.lived.resize(some.doubling + 1);
      point.lived.back() = some.blocks;
    }
    places[sites::site_name(profile, site)] += point;
  }
  return places;
}

// One of those that are watched.
class Watched {
 public:
  explicit Watched(Target target)
      : target_(std::move(target)),
        since_ns_(read_target(target_, patience_for(target_, kPatienceWithGrowth)).counting_since_ns) {}

  const Target &target() const { return target_; }
  const sites::Profile &last() const { return last_; }
  const growth::Course &course() const { return course_; }
  void read() {
    last_ = read_sites(target_);
    if (is_first_) bytes_before_ = last_.live_bytes;
    is_first_ = false;
    course_.add(places_of(last_));
  }
  void end() const {
    if (read_target(target_, kPatienceWithGrowth).counting_since_ns != since_ns_)
      throw UserError(fmt::format("{} started another program meanwhile; try again", target_.label()));
  }
  GrowthView::Member member() const {
    return {target_.label(), target_.local_pid != 0 ? target_.local_pid : last_.pid, last_.start_time,
            bytes_before_, last_.live_bytes};
  }

 private:
  Target target_;
  std::uint64_t since_ns_;
  sites::Profile last_;
  growth::Course course_;
  bool is_first_ = true;
  std::uint64_t bytes_before_ = 0;
};

// All that are watched, to the end.
class Watching {
 public:
  Watching(const Chosen &chosen, std::vector<Unreached> others)
      : chosen_(chosen), others_(std::move(others)) {
    for (const Target &target : chosen.targets) attempt(target, [&] { watched_.emplace_back(target); });
    throw_if_none();
  }

  void read(double seconds) {
    each([](Watched &one) { one.read(); });
    seconds_.push_back(seconds);
  }
  GrowthView end() {
    each([](const Watched &one) { one.end(); });
    GrowthView view;
    view.is_group = chosen_.is_group;
    view.label = chosen_.is_group ? group_label(chosen_.wanted.text(), watched_.size())
                                  : watched_.front().target().label();
    view.others = std::move(others_);
    view.seconds = seconds_.back() - seconds_.front();
    view.readings = seconds_.size();
    for (const Watched &one : watched_) {
      view.members.push_back(one.member());
      view.bytes_before += view.members.back().bytes_before;
      view.bytes_after += view.members.back().bytes_after;
    }
    judge(view);
    return view;
  }

 private:
  // Of a group one that fails keeps nobody from the others.
  template <typename Step>
  bool attempt(const Target &target, Step step) {
    if (!chosen_.is_group) {
      step();
      return true;
    }
    try {
      step();
      return true;
    } catch (const ProcessEnded &) {
      others_.push_back({target.local_pid, "it has ended"});
    } catch (const UserError &error) {
      others_.push_back({target.local_pid, error.what()});
    }
    return false;
  }
  template <typename Step>
  void each(Step step) {
    std::erase_if(watched_, [&](Watched &one) { return !attempt(one.target(), [&] { step(one); }); });
    throw_if_none();
  }
  void throw_if_none() const {
    if (!watched_.empty()) return;
    for (const Unreached &other : others_) output::note(printable(other.why));
    throw UserError(
        fmt::format("{}: no process of it was watched to the end", printable(chosen_.wanted.text())));
  }

  growth::Series at_rest() const {
    growth::Series series;
    for (const double seconds : seconds_) series.push_back({seconds});
    return series;
  }
  static void add(const std::vector<std::string> &places, const Watched &one, growth::Series &series) {
    for (const std::string &place : places) one.course().add_to(series, place);
  }
  void judge(GrowthView &view) const;
  void tell_members(const std::vector<std::string> &places, GrowingPlace &place) const;

  const Chosen &chosen_;
  std::list<Watched> watched_;
  std::vector<Unreached> others_;
  std::vector<double> seconds_;
};

// What lies in the same code in all of them is one place.
void Watching::judge(GrowthView &view) const {
  std::vector<sites::Profile> profiles;
  std::vector<int> pids;
  for (const Watched &one : watched_) {
    profiles.push_back(one.last());
    pids.push_back(one.target().local_pid);
  }
  const sites::Together together = sites::together(profiles, view.label);
  sites::NamesOfMembers names(together, pids, together.profile);
  const sites::Stacks stacks = sites::name_stacks(
      together.profile, [&](int module, std::uint64_t offset) { return names.name(module, offset); });
  // One name may be two sites: of files without a build-id that have one path in several containers.
  std::set<std::string> told;
  std::vector<std::vector<std::string>> places;
  std::vector<growth::Series> all;
  for (const sites::Stacks::Stack &stack : stacks.stacks) {
    places.emplace_back();
    for (const std::uint32_t site : stack.sites) {
      std::string name = sites::site_name(together.profile, together.profile.sites.at(site));
      if (told.insert(name).second) places.back().push_back(std::move(name));
    }
    all.push_back(at_rest());
    for (const Watched &one : watched_) add(places.back(), one, all.back());
  }
  const std::vector<growth::Verdict> verdicts = growth::verdicts(all);
  view.places = verdicts.size();
  for (std::size_t at = 0; at < verdicts.size(); ++at) {
    const growth::Finding finding = verdicts[at].finding;
    view.too_few += finding == growth::Finding::kTooFew ? 1 : 0;
    if (finding != growth::Finding::kGrows && finding != growth::Finding::kHeldAndGrowing) continue;
    const sites::Stacks::Stack &stack = stacks.stacks[at];
    GrowingPlace place{verdicts[at], stack.name, {}, all[at].front().live_bytes, all[at].back().live_bytes};
    tell_members(places[at], place);
    for (auto frame = stack.frames.rbegin(); frame != stack.frames.rend(); ++frame)
      place.frames.push_back(stacks.frames.at(*frame));
    view.growing.push_back(std::move(place));
  }
  std::stable_sort(view.growing.begin(), view.growing.end(),
                   [](const GrowingPlace &a, const GrowingPlace &b) {
                     if (a.verdict.finding != b.verdict.finding) return a.verdict.finding > b.verdict.finding;
                     return a.verdict.bytes.middle > b.verdict.bytes.middle;
                   });
  if (!view.growing.empty()) view.advice = names.advice();
}

void Watching::tell_members(const std::vector<std::string> &places, GrowingPlace &place) const {
  std::int64_t most = 0;
  std::size_t member = 0;
  for (const Watched &one : watched_) {
    growth::Series series = at_rest();
    add(places, one, series);
    const auto grown = static_cast<std::int64_t>(series.back().live_bytes - series.front().live_bytes);
    place.processes += grown > 0 ? 1 : 0;
    if (grown > most) place.most = member;
    most = std::max(most, grown);
    ++member;
  }
}

}  // namespace

double growth_seconds(const std::string &text) {
  const auto seconds = seconds_in(text);
  if (seconds && *seconds >= kShortest && *seconds <= kLongest) return *seconds;
  throw UserError(fmt::format("--growth={} is no time to watch; give such as 60s, 5m or 2h, up to a week",
                              printable(text)),
                  kUsage);
}

GrowthView watch_growth(const Chosen &chosen, double seconds, std::vector<Unreached> others) {
  Watching watching(chosen, std::move(others));
  const std::size_t readings = seconds >= kLong ? kReadingsOfLong : kReadings;
  const Clock::time_point start = Clock::now();
  PassingLine countdown;
  const auto since = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  for (std::size_t taken = 0; taken < readings; ++taken) {
    const double next = seconds * static_cast<double>(taken) / static_cast<double>(readings - 1);
    while (since() < next) {
      countdown.say(fmt::format("watching: {:.0f} of {}", since(), format::duration(seconds)));
      std::this_thread::sleep_for(std::chrono::duration<double>(std::min(1.0, next - since())));
    }
    watching.read(since());
  }
  return watching.end();
}

}  // namespace heapmeter::cli
