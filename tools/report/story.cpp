// SPDX-License-Identifier: MIT
#include "report/story.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "text/terminal.h"

namespace heapmeter::cli::report {
namespace {

constexpr std::size_t kMostPoints = 4096, kMostTakings = 32;
constexpr std::size_t kMostGaps = 256;
constexpr std::int64_t kLongGap = 3;          // intervals
constexpr std::size_t kMostInAll = 2u << 20;  // points, of some 64 bytes

Point merged(const Point &earlier, Point later) {
  later.least_bytes = std::min(earlier.least_bytes, later.least_bytes);
  later.most_bytes = std::max(earlier.most_bytes, later.most_bytes);
  return later;
}

// The first and the last stay.
void halve(std::vector<Point> &points) {
  std::size_t kept = 1;
  for (std::size_t at = 1; at < points.size(); at += 2) {
    const bool pair = at + 1 < points.size();
    points[kept++] = pair ? merged(points[at], points[at + 1]) : points[at];
  }
  points.resize(kept);
}

class Teller {
 public:
  explicit Teller(record::Recording &recording) : recording_(recording) {}

  Story tell() {
    while (auto frame = recording_.next()) {
      if (frame->segment) take(*frame->segment);
      if (frame->round) take(*frame->round);
      for (record::Taking &taking : frame->takings) take(std::move(taking));
    }
    story_.torn_bytes = recording_.torn_bytes();
    story_.damaged_bytes = recording_.damaged_bytes();
    for (std::size_t at = 0; at < story_.lives.size(); ++at)
      story_.lives[at].process = recording_.processes()[at];
    std::erase_if(story_.lives, [](const Life &life) { return life.points.empty(); });
    shift_all();
    return std::move(story_);
  }

 private:
  Life &life(std::uint32_t process) {
    if (story_.lives.size() <= process) story_.lives.resize(process + 1);
    return story_.lives[process];
  }

  void take(const record::Segment &segment) {
    if (!segment.host.empty() && story_.hosts.size() < 8 &&
        std::find(story_.hosts.begin(), story_.hosts.end(), segment.host) == story_.hosts.end())
      story_.hosts.push_back(segment.host);
    story_.version = segment.version;
    story_.interval_ms = segment.interval_ms;
    timeline_.take(segment);
  }

  void take(const record::Round &round) {
    now_ = timeline_.take(round);
    if (story_.rounds++ == 0) story_.from_ms = story_.until_ms = now_;
    if (round.resumed && now_ - story_.until_ms > kLongGap * story_.interval_ms &&
        story_.gaps.size() < kMostGaps)
      story_.gaps.emplace_back(story_.until_ms, now_);
    story_.until_ms = now_;
    story_.kills += round.oom_kills;
    for (const record::Row &row : round.rows) take(row, round.oom_kills);
  }

  void take(const record::Row &row, std::uint64_t kills) {
    using namespace record;
    Life &of = life(row.process);
    const record::Values &values = row.values;
    if (of.readings++ == 0) {
      of.first = values;
      of.least_bytes = values[k_live_bytes];
    }
    of.last = values;
    ++story_.readings;
    if (values[k_state] == kEnded) {
      of.ended_ms = now_;
      of.kills = kills;
      if (!of.points.empty()) {
        // What fell out before it, thinned, is told by this one.
        raise_most(of, values[k_most_live_bytes]);
        return;
      }
    } else {
      of.ended_ms = 0;
    }
    Point point{now_,
                values[k_live_bytes],
                values[k_usable_bytes],
                values[k_heap_bytes],
                values[k_rss_bytes],
                values[k_allocations],
                values[k_allocated_bytes],
                values[k_live_bytes],
                std::max(values[k_live_bytes], values[k_most_live_bytes]),
                values[k_state] == kSilent};
    // A peak that rose since the reading before was between the two.
    if (!of.points.empty() && values[k_peak_error_bytes] == 0 && values[k_peak_bytes] > peak_of(of))
      point.most_bytes = std::max(point.most_bytes, values[k_peak_bytes]);
    of.least_bytes = std::min(of.least_bytes, point.least_bytes);
    raise_most(of, point.most_bytes);
    note_limit(of, values);
    of.points.push_back(point);
    ++points_;
    peaks_[row.process] = values[k_peak_bytes];
    if (of.points.size() >= kMostPoints) shorten(of);
    if (points_ > most_in_all_) {
      for (Life &each : story_.lives) shorten(each);
      // Of so many lives that nothing can be left out of any of them: not for each reading anew.
      most_in_all_ = std::max(kMostInAll, 2 * points_);
    }
  }

  void raise_most(Life &of, std::uint64_t bytes) {
    if (bytes <= of.most_bytes) return;
    of.most_bytes = bytes;
    of.most_ms = now_;
  }

  std::uint64_t peak_of(const Life &of) {
    return peaks_[static_cast<std::uint32_t>(&of - story_.lives.data())];
  }

  void shorten(Life &of) {
    if (of.points.size() < 3) return;
    points_ -= of.points.size();
    halve(of.points);
    points_ += of.points.size();
  }

  void note_limit(Life &of, const record::Values &values) {
    using namespace record;
    const double share = values[k_limit_bytes] == 0 ? 0
                                                    : static_cast<double>(values[k_limit_used_bytes]) /
                                                          static_cast<double>(values[k_limit_bytes]);
    if (values[k_limit_kind] == kNoLimit || share < of.near_share()) return;
    of.near_kind = static_cast<LimitKind>(values[k_limit_kind]);
    of.near_used_bytes = values[k_limit_used_bytes];
    of.near_limit_bytes = values[k_limit_bytes];
    of.near_ms = now_;
  }

  void take(record::Taking taking) {
    std::vector<sites::Profile> &all = life(taking.process).takings;
    const auto time_ms = static_cast<std::int64_t>(taking.profile.time * 1000);
    if (const std::int64_t moment = timeline_.moment_after(time_ms); moment != time_ms)
      taking.profile.time = static_cast<double>(moment) / 1000;
    all.push_back(std::move(taking.profile));
    if (all.size() <= kMostTakings) return;
    std::size_t kept = 1;
    for (std::size_t at = 2; at < all.size(); at += 2) all[kept++] = std::move(all[at]);
    all.resize(kept);
  }

  void shift_all() {
    const std::int64_t shift = timeline_.shift_ms();
    story_.clock_sets = std::move(timeline_.sets());
    story_.times_set = timeline_.times_set();
    if (shift == 0) return;
    for (std::int64_t *time : {&story_.from_ms, &story_.until_ms}) *time += shift;
    for (auto &[from, until] : story_.gaps) {
      from += shift;
      until += shift;
    }
    for (ClockSet &set : story_.clock_sets) set.at_ms += shift;
    for (Life &life : story_.lives) {
      for (Point &point : life.points) point.time_ms += shift;
      for (sites::Profile &taking : life.takings) taking.time += static_cast<double>(shift) / 1000;
      for (std::int64_t *time : {&life.most_ms, &life.ended_ms, &life.near_ms}) {
        if (*time != 0) *time += shift;
      }
    }
  }

  record::Recording &recording_;
  Story story_;
  Timeline timeline_;
  std::map<std::uint32_t, std::uint64_t> peaks_;
  std::size_t points_ = 0, most_in_all_ = kMostInAll;
  std::int64_t now_ = 0;
};

}  // namespace

std::uint64_t Life::wrong_calls() const {
  using namespace record;
  std::uint64_t sum = 0;
  for (const record::Column column :
       {k_mismatches, k_size_mismatches, k_double_frees, k_foreign_frees, k_inner_frees})
    sum += last[column];
  return sum;
}

std::string Life::label() const { return fmt::format("{} ({})", printable(process.name), process.pid); }

Story story_of(record::Recording &recording) { return Teller(recording).tell(); }

}  // namespace heapmeter::cli::report
