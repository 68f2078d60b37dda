// SPDX-License-Identifier: MIT
#include "run/watcher.h"

#include <algorithm>

#include <heapmeter/protocol.h>

#include "readings/target.h"
#include "system/family.h"
#include "system/process.h"
#include "text/user_error.h"

namespace heapmeter::cli {
namespace {

using namespace std::chrono_literals;

// Soon after the socket may be there.
constexpr auto kFirst = std::chrono::milliseconds(HEAPMETER_BIND_DELAY_MS) + 20ms;
// Between readings a hundredth of the time that the program has lived, so that short ones have a shape, too;
// and many times what a reading of all takes.
constexpr double kShare = 0.01, kShortest = 0.05, kLongest = 1, kTimesTheCost = 20;
constexpr auto kBetweenLooks = 200ms;
constexpr std::size_t kMostPrograms = 4096;

constexpr const char *kRun = "HEAPMETER_RUN";

}  // namespace

Watcher::Watcher(int pid, bool follow, std::string directory, bool sites)
    : pid_(pid),
      follow_(follow),
      sites_(sites),
      directory_(std::move(directory)),
      census_(kBetweenLooks, [this](std::vector<std::string> &) { return ours(); }),
      thread_([this](std::stop_token stopped) { watch(stopped); }) {}

void Watcher::watch(std::stop_token stopped) {
  double look = 0;  // when to look around next, beside reading
  double pause = std::chrono::duration<double>(kFirst).count();
  for (double wait = pause; !stopped.stop_requested();) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, stopped, std::chrono::duration<double>(wait), [] { return false; });
    lock.unlock();
    if (stopped.stop_requested()) return;
    const double begun = seconds();
    if (begun >= look) {
      pause = std::min(2 * pause, kLongest);
      look = begun + pause;
      find_itself();
      family_ = follow_ ? uncounted_.look_at_family(pid_) : std::set<int>{pid_};
      if (!follow_) uncounted_.look_at(pid_);
    }
    read_all();
    wait = std::max(std::clamp(begun * kShare, kShortest, kLongest), (seconds() - begun) * kTimesTheCost);
  }
}

// By its own environment, and again when its socket is no more: setuid takes it to another directory.
void Watcher::find_itself() {
  if (itself_ && itself_->local_pid() == pid_) {
    const auto members = census_.members();
    if (std::any_of(members.begin(), members.end(),
                    [&](const Member &member) { return member.local_pid == pid_; }))
      return;
  }
  try {
    Target found;
    if (find_endpoint(pid_, found)) itself_ = found.endpoint;
  } catch (const UserError &) {
    // No directory to be trusted: then there is no reading, and the summary says why.
  }
}

std::vector<Endpoint> Watcher::ours() {
  std::vector<Endpoint> found;
  if (itself_) found.push_back(*itself_);
  if (!follow_) return found;
  try {
    for (Endpoint &endpoint : all_endpoints()) {
      if ((!itself_ || endpoint.path() != itself_->path()) && is_ours(endpoint))
        found.push_back(std::move(endpoint));
    }
  } catch (const UserError &) {
    // Likewise.
  }
  return found;
}

bool Watcher::is_ours(const Endpoint &endpoint) {
  const std::string path = endpoint.path();
  if (const auto known = known_.find(path); known != known_.end()) return known->second;
  const int pid = endpoint.local_pid();
  const bool ours = pid == pid_ || family_.contains(pid) ||
                    (pid != 0 && !directory_.empty() && process::variable(pid, kRun) == directory_);
  // By its parents it may be known later.
  if (ours || !directory_.empty()) known_[path] = ours;
  return ours;
}

void Watcher::read_all() {
  try {
    census_.begin();
    census_.go_on(in(kBetweenLooks));
  } catch (const UserError &) {
    return;
  }
  const double now = seconds();
  std::uint64_t live = 0;
  const auto members = census_.members();
  for (const Member &member : members) {
    if (!member.reading || !member.complaint.empty()) continue;
    note(member, now);
    live += relative_of(*member.reading).own.live_bytes;
  }
  if (members.empty()) return;
  most_together_ = std::max(most_together_, live);
  together_.add({now, live, live});
  if (sites_) sites_reader_.look(members, now);
}

void Watcher::note(const Member &member, double now) {
  const Reading &reading = *member.reading;
  const Key key(reading.pid, reading.start_time, reading.counting_since_ns);
  auto found = lasts_.find(key);
  if (found == lasts_.end()) {
    if (lasts_.size() >= kMostPrograms) return;
    found = lasts_.emplace(key, Last{}).first;
    found->second.relative.from_report = false;
    found->second.relative.command = family::command(member.local_pid);
    found->second.relative.executable = process::executable(member.local_pid);
  }
  Last &last = found->second;
  last.seen = Clock::now();
  if (member.local_pid == pid_ && last_ != key) {
    last_ = key;
    peak_time_.reset();
  }
  // While it hangs, the last reading stands.
  if (reading.monotonic_ns == last.relative.reading.monotonic_ns) return;
  if (member.local_pid == pid_) note_itself(reading, now);
  Relative taken = relative_of(reading);
  taken.from_report = false;
  taken.command = std::move(last.relative.command);
  taken.executable = std::move(last.relative.executable);
  taken.cpu_seconds = last.relative.cpu_seconds;
  taken.rss_peak_bytes = last.relative.rss_peak_bytes;
  taken.rss_file_bytes = last.relative.rss_file_bytes;
  last.relative = std::move(taken);
  last.taken = last.seen;
  const auto use = family::use(member.local_pid);
  if (!use) return;
  last.relative.cpu_seconds = use->cpu_seconds;
  if (use->rss_peak_bytes == 0) return;  // it has ended since, and has no memory left to tell of
  last.relative.rss_peak_bytes = use->rss_peak_bytes;
  last.relative.rss_file_bytes = use->rss_file_bytes;
  last.watched.add(last.relative.reading, use->rss_anonymous_bytes + use->rss_file_bytes,
                   use->rss_anonymous_bytes);
}

void Watcher::note_itself(const Reading &reading, double now) {
  const Reading &before = lasts_.at(*last_).relative.reading;
  const bool higher = reading.least_peak() > before.most_peak();
  if (higher || !peak_time_) peak_time_ = Span{read_until_, now};
  shape_.add({now, reading.live_bytes, higher ? reading.most_peak() : reading.live_bytes});
  read_until_ = now;
}

void Watcher::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

const Watcher::Last *Watcher::last() const { return last_ ? &lasts_.at(*last_) : nullptr; }

std::optional<verdicts::Grower> Watcher::grower() const {
  const Last *most = nullptr;
  std::int64_t most_bytes = 0;
  for (const auto &[key, last] : lasts_) {
    const verdicts::Series &series = last.watched.series();
    if (series.empty()) continue;
    const auto bytes = static_cast<std::int64_t>(series.back().beside_bytes.value_or(0)) -
                       static_cast<std::int64_t>(series.front().beside_bytes.value_or(0));
    if (bytes <= most_bytes) continue;
    most = &last;
    most_bytes = bytes;
  }
  if (most == nullptr) return std::nullopt;
  return verdicts::Grower{most->relative.program(), most->relative.executable, most->watched.series()};
}

std::vector<const Watcher::Last *> Watcher::others() const {
  std::vector<const Last *> found;
  for (const auto &[key, last] : lasts_) {
    if (key != last_) found.push_back(&last);
  }
  return found;
}

}  // namespace heapmeter::cli
