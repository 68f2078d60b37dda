// SPDX-License-Identifier: MIT
#include "record/recorder.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <errno.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fmt/format.h>
#include <heapmeter/protocol.h>

#include "readings/heap_map.h"
#include "readings/mark.h"
#include "record/thinning.h"
#include "sites/page.h"
#include "system/file_text.h"
#include "system/page_map.h"
#include "system/process.h"
#include "text/output.h"
#include "text/terminal.h"

namespace heapmeter::cli::record {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kSegmentBytes = 1u << 20;
constexpr std::size_t kMostSites = 40;
constexpr double kPatienceWithAnswers = 2, kWorthSaying = 0.5;
constexpr double kBetweenHeaps = 60;  // seconds
constexpr std::chrono::seconds kPagePatience{2};

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t since_boot_ms() {
  timespec now = {};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

double seconds(Clock::time_point since) {
  return std::chrono::duration<double>(Clock::now() - since).count();
}

timespec as_timespec(double seconds) {
  const auto whole = static_cast<time_t>(seconds);
  return {whole, static_cast<long>((seconds - static_cast<double>(whole)) * 1e9)};
}

std::string command_of(int pid) {
  std::string text = file_text(fmt::format("/proc/{}/cmdline", pid)).value_or("");
  std::replace(text.begin(), text.end(), '\0', ' ');
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

Process described(const Member &member, Limits &limits) {
  const Reading &reading = *member.reading;
  Process process;
  process.pid = member.shown_pid();
  process.inner_pid = reading.pid;
  process.parent = member.parent;
  process.start_time = reading.start_time;
  process.counting_since_ns = reading.counting_since_ns;
  process.started_ms = now_ms() - static_cast<std::int64_t>(1000 * reading.uptime_seconds);
  process.name = reading.name;
  process.backend = reading.backend;
  if (member.local_pid != 0) {
    process.command = command_of(member.local_pid);
    process.group = limits.group_of(member.local_pid);
  }
  return process;
}

Segment segment_now(double interval) {
  struct utsname names = {};
  uname(&names);
  return {now_ms(), static_cast<std::int64_t>(1000 * interval), this_boot(), names.nodename,
          HEAPMETER_VERSION};
}

// What holds most; the rest as a sum.
void shorten(sites::Profile &profile) {
  std::stable_sort(
      profile.sites.begin(), profile.sites.end(),
      [](const sites::Site &a, const sites::Site &b) { return a.values.live_bytes > b.values.live_bytes; });
  for (std::size_t at = kMostSites; at < profile.sites.size(); ++at) {
    ++profile.left_out_sites;
    profile.left_out += profile.sites[at].values;
    profile.left_out_most_bytes = std::max(profile.left_out_most_bytes, profile.sites[at].values.live_bytes);
  }
  if (profile.sites.size() > kMostSites) profile.sites.resize(kMostSites);
  std::erase_if(profile.sites, [](const sites::Site &site) { return site.values.live_bytes == 0; });
}

bool is_number(const std::string &text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

}  // namespace

bool is_meant(const Member &member, const std::vector<std::string> &targets) {
  return targets.empty() || std::any_of(targets.begin(), targets.end(), [&](const std::string &target) {
           if (is_number(target)) return target == std::to_string(member.shown_pid());
           if (target.find('/') != target.npos) return target == member.endpoint.path();
           return fnmatch(target.c_str(), member.name().c_str(), 0) == 0;
         });
}

void Recorder::run(const sigset_t &ending) {
  const Clock::time_point start = Clock::now();
  written_to_ = file_.size();
  double due = 0;
  for (;;) {
    const double now = seconds(start);
    due = std::max(due, now - plan_.interval_seconds) + read_all(now);
    if (all_named_have_ended()) return;
    const double until = plan_.duration_seconds > 0 ? std::min(due, plan_.duration_seconds) : due;
    // Asked for at least once, also where readings take longer than the interval.
    double left = 0;
    do {
      left = std::max(0.0, until - seconds(start));
      const timespec wait = as_timespec(left);
      if (sigtimedwait(&ending, nullptr, &wait) > 0) {
        read_all(seconds(start), Turn::kLast);
        return;
      }
    } while (left > 0);
    if (plan_.duration_seconds > 0 && seconds(start) >= plan_.duration_seconds) {
      read_all(seconds(start), Turn::kLast);
      return;
    }
  }
}

Recorder::Watched &Recorder::watched(const Member &member, double now) {
  const Reading &reading = *member.reading;
  const auto [place, is_new] =
      watched_.try_emplace({member.shown_pid(), reading.pid, reading.start_time, reading.counting_since_ns});
  if (is_new) {
    place->second = {next_++, described(member, limits_), {}, SitesPace(plan_.interval_seconds), now, 0};
    keys_[place->second.number] = place->first;
  }
  place->second.seen = now;
  return place->second;
}

Row Recorder::row_of(Watched &watched, const Member &member) {
  Values &values = watched.values;
  const Reading &reading = *member.reading;
#define HEAPMETER_SAME(name) values[k_##name] = reading.name
  HEAPMETER_SAME(live_bytes);
  HEAPMETER_SAME(live_blocks);
  HEAPMETER_SAME(usable_bytes);
  HEAPMETER_SAME(allocations);
  HEAPMETER_SAME(allocated_bytes);
  HEAPMETER_SAME(reallocations);
  HEAPMETER_SAME(peak_bytes);
  HEAPMETER_SAME(peak_error_bytes);
  HEAPMETER_SAME(threads);
  HEAPMETER_SAME(meter_bytes);
  HEAPMETER_SAME(failures);
  HEAPMETER_SAME(mismatches);
  HEAPMETER_SAME(size_mismatches);
  HEAPMETER_SAME(double_frees);
  HEAPMETER_SAME(foreign_frees);
  HEAPMETER_SAME(inner_frees);
#undef HEAPMETER_SAME
  values[k_rss_bytes] = member.resident.value_or(0);
  values[k_state] = member.complaint.empty() ? kAnswering : kSilent;
  if (member.complaint.empty()) count_heap(watched, member);
  // How far it is used up is worth its bytes in the file only where that is not little.
  const Nearness near = limits_.of(member.local_pid);
  watched.share = near.share();
  const bool said = watched.share >= (near.kind == kMachine ? kNear : kWorthSaying);
  values[k_limit_kind] = said ? near.kind : kNoLimit;
  values[k_limit_bytes] = said ? near.limit_bytes : 0;
  values[k_limit_used_bytes] = said ? near.used_bytes >> 20 << 20 : 0;
  return {watched.number, values};
}

// Which pages of the allocator's are there, seldom: the kernel looks at each of them.
void Recorder::count_heap(Watched &watched, const Member &member) {
  const bool due = watched.heap_counted < 0 || watched.seen - watched.heap_counted >= kBetweenHeaps;
  if (!due || member.local_pid == 0) return;
  watched.heap_counted = watched.seen;
  try {
    const HeapMap map = parse_heap_map(get(member.endpoint, HEAPMETER_PATH_ACCOUNT, in(kPagePatience)));
    const PageMap pages(process::living_thread(member.local_pid));
    std::uint64_t sum = 0;
    for (const auto *ranges : {&map.heap, &map.heap_blocks}) {
      for (const Range &range : *ranges) sum += pages.resident(range.start, range.end).value_or(0);
    }
    watched.values[k_heap_bytes] = sum;
  } catch (const NoAnswer &) {
    // The next reading says what is the matter with it.
  }
}

double Recorder::read_all(double now, Turn turn) {
  census_.begin();
  for (const std::string &text : census_.refused()) {
    if (std::find(told_.begin(), told_.end(), text) != told_.end()) continue;
    output::note(text);
    told_.push_back(text);
  }
  const double patience = std::min(kPatienceWithAnswers, plan_.interval_seconds / 2);
  census_.go_on(in(std::chrono::milliseconds(static_cast<int>(1000 * patience))));
  limits_.look();
  std::vector<Member> members = census_.members();
  std::erase_if(members,
                [&](const Member &member) { return !member.reading || !is_meant(member, plan_.targets); });
  Frame frame;
  Round &round = frame.round.emplace();
  round.time_ms = now_ms();
  round.booted_ms = round.time_ms - since_boot_ms();
  round.resumed = std::exchange(begins_, false);
  round.oom_kills = limits_.kills();
  double share = 0;
  for (const Member &member : members) {
    Watched &process = watched(member, now);
    round.rows.push_back(row_of(process, member));
    share = std::max(share, process.share);
  }
  round.urgent = share >= kNear;
  for (auto &[key, process] : watched_) {
    if (process.seen == now) continue;
    process.values[k_state] = kEnded;
    round.rows.push_back({process.number, process.values});
  }
  (write(std::move(frame)) ? readings_ : lost_readings_) += members.size();
  std::erase_if(watched_, [&](const auto &each) {
    if (each.second.seen == now) return false;
    keys_.erase(each.second.number);
    return true;
  });
  read_sites(members, now, turn);
  const double rate = now > share_at_ ? (share - share_) / (now - share_at_) : 0;
  share_ = share;
  share_at_ = now;
  return pace_.next(share, rate);
}

// The last one also tells what all grew by, as long as that takes no time.
void Recorder::read_sites(const std::vector<Member> &members, double now, Turn turn) {
  const Deadline enough = in(kPagePatience);
  for (const Member &member : members) {
    const Reading &reading = *member.reading;
    if (!member.complaint.empty() || reading.sampling.empty() || reading.sampling == "off") continue;
    Watched &process = watched(member, now);
    const bool last =
        turn == Turn::kLast && process.sites.is_older(now) && std::chrono::steady_clock::now() < enough;
    if (!last && !process.sites.is_due(now, reading.live_bytes, process.share)) continue;
    process.sites.taken(now, reading.live_bytes, process.share);
    try {
      Taking taking{process.number,
                    sites::parse_profile(get(member.endpoint, HEAPMETER_PATH_SITES, in(kPagePatience)))};
      // Of another program that was started meanwhile?
      if (taking.profile.allocations < reading.allocations) continue;
      shorten(taking.profile);
      Frame frame;
      frame.takings.push_back(std::move(taking));
      write(std::move(frame));
    } catch (const NoAnswer &) {
      // It has ended or does not answer: the next reading says so.
    }
  }
}

bool Recorder::write(Frame frame) {
  if (file_.size() > plan_.most_bytes && !thin_out()) return false;
  if (segment_due_ || since_segment_ > kSegmentBytes || encoder_.is_full()) {
    frame.segment = segment_now(plan_.interval_seconds);
    // Readings are told by the time between them.
    if (frame.round) frame.segment->time_ms = frame.round->time_ms;
    since_segment_ = 0;
  }
  const std::string payload = encoder_.payload(frame);
  if (payload.size() > kLongestFrame) return false;
  const int error = file_.append(payload);
  // What follows would be told by what is not there.
  segment_due_ = error != 0;
  since_segment_ += payload.size();
  if (error != 0 && !losing_) {
    output::note(fmt::format("{} cannot be written: {}; readings are lost until it can",
                             printable(file_.path()), strerror(error)));
  } else if (error == 0 && losing_) {
    output::note(fmt::format("{} can be written again", printable(file_.path())));
  }
  losing_ = error != 0;
  return !losing_;
}

bool Recorder::thin_out() {
  const auto beside = file_.beside();
  int error = beside.error;
  const auto put = [&](std::string_view bytes) {
    if (error == 0) error = output::write_to(beside.fd, bytes);
    return error == 0;
  };
  if (put(kSignature)) {
    thin(source_of(file_.fd()), plan_.most_bytes / 8 * 5,
         [&](std::string_view payload) { return put(framed(payload)); });
  }
  if (error == 0) error = file_.replace(beside.name, beside.fd);
  segment_due_ = true;
  if (error == 0) {
    ++thinned_;
    return true;
  }
  if (beside.fd >= 0) {
    close(beside.fd);
    unlink(beside.name.c_str());
  }
  if (!losing_) {
    output::note(
        fmt::format("{} is full, and there is no room beside it to thin it out: {}; readings are lost",
                    printable(file_.path()), strerror(error)));
  }
  losing_ = true;
  return false;
}

bool Recorder::all_named_have_ended() const {
  const bool by_pid = !plan_.targets.empty() &&
                      std::all_of(plan_.targets.begin(), plan_.targets.end(), [](const std::string &target) {
                        return is_number(target) || target.find('/') != target.npos;
                      });
  return by_pid && next_ > 0 && watched_.empty();
}

}  // namespace heapmeter::cli::record
