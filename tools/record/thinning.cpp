// SPDX-License-Identifier: MIT
#include "record/thinning.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "record/encoder.h"
#include "record/recording.h"

namespace heapmeter::cli::record {
namespace {

constexpr std::uint64_t kSegmentBytes = 1u << 20;

// How much there is to be said for a frame.
enum Worth : std::uint8_t { kOrdinary, kNearALimit, kEndOfAProcess };

struct Kept {
  std::uint32_t frame = 0, bytes = 0;
  Worth worth = kOrdinary;
};

std::uint64_t sum_of(const std::vector<Kept> &frames) {
  return std::accumulate(frames.begin(), frames.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Kept &each) { return sum + each.bytes; });
}

// All of them, and how many bytes each adds to a file that goes from one to the next.
std::vector<Kept> look_through(const Source &source) {
  std::vector<Kept> all;
  std::map<std::uint32_t, std::uint32_t> last, last_sites;  // frame of each process
  bool urgent = false;
  Recording recording(source);
  std::uint64_t end = kSignature.size();
  for (std::uint32_t number = 0; const auto frame = recording.next(); ++number) {
    if (frame->round) urgent = frame->round->urgent;
    Worth worth = urgent ? kNearALimit : kOrdinary;
    for (const Taking &taking : frame->takings) {
      if (last_sites.insert_or_assign(taking.process, number).second) worth = kEndOfAProcess;
    }
    if (frame->round) {
      for (const Row &row : frame->round->rows) {
        const bool first = last.insert_or_assign(row.process, number).second;
        if (first || row.values[k_state] == kEnded) worth = kEndOfAProcess;
      }
    }
    all.push_back({number, static_cast<std::uint32_t>(recording.good_end() - end), worth});
    end = recording.good_end();
  }
  for (const auto *ends : {&last, &last_sites}) {
    for (const auto &[process, number] : *ends) all[number].worth = kEndOfAProcess;
  }
  return all;
}

// Of the older three quarters every second one that is worth no more than that.
void drop_half(std::vector<Kept> &frames, Worth worth) {
  const std::uint64_t old = sum_of(frames) / 4 * 3;
  std::uint64_t before = 0;
  bool drop = false;
  std::erase_if(frames, [&](const Kept &each) {
    before += each.bytes;
    if (before > old || each.worth > worth) return false;
    drop = !drop;
    return drop;
  });
}

std::vector<Kept> chosen(std::vector<Kept> frames, std::uint64_t most_bytes) {
  for (const Worth worth : {kOrdinary, kNearALimit, kEndOfAProcess}) {
    std::size_t before = 0;
    do {
      before = frames.size();
      if (sum_of(frames) > most_bytes) drop_half(frames, worth);
      // Until little is left of that worth.
    } while (frames.size() < before - before / 10);
  }
  std::uint64_t bytes = sum_of(frames);
  std::erase_if(frames, [&](const Kept &each) {
    const bool drop = bytes > most_bytes;
    if (drop) bytes -= each.bytes;
    return drop;
  });
  return frames;
}

// What is to be remembered of those that go.
class Gone {
 public:
  void add(const Round &round) {
    kills_ += round.oom_kills;
    resumed_ = resumed_ || round.resumed;
    for (const Row &row : round.rows) {
      auto &most = most_[row.process];
      most = std::max({most, row.values[k_live_bytes], row.values[k_most_live_bytes]});
    }
  }
  void remind(Round &round) {
    round.oom_kills += kills_;
    kills_ = 0;
    round.resumed = std::exchange(resumed_, false) || round.resumed;
    for (Row &row : round.rows) {
      const auto most = most_.find(row.process);
      if (most == most_.end()) continue;
      auto &known = row.values[k_most_live_bytes];
      known = std::max(known, most->second);
      most_.erase(most);
    }
  }

 private:
  std::map<std::uint32_t, std::uint64_t> most_;
  std::uint64_t kills_ = 0;
  bool resumed_ = false;
};

}  // namespace

bool thin(const Source &source, std::uint64_t most_bytes, const Sink &sink) {
  const std::vector<Kept> kept = chosen(look_through(source), most_bytes);
  Recording recording(source);
  Encoder encoder([&](std::uint32_t number) -> const Process & { return recording.processes()[number]; });
  Gone gone;
  std::optional<Segment> segment, said;
  std::uint64_t since = 0;
  auto next = kept.begin();
  for (std::uint32_t number = 0; next != kept.end(); ++number) {
    std::optional<Frame> frame = recording.next();
    if (!frame) break;
    if (frame->segment) segment = frame->segment;
    if (next->frame != number) {
      if (frame->round) gone.add(*frame->round);
      continue;
    }
    ++next;
    if (frame->round) gone.remind(*frame->round);
    frame->segment.reset();
    if (segment && (!said || said->boot_id != segment->boot_id || said->interval_ms != segment->interval_ms ||
                    said->host != segment->host || since > kSegmentBytes || encoder.is_full())) {
      if (said && frame->round) segment->time_ms = frame->round->time_ms;
      frame->segment = said = segment;
      since = 0;
    }
    const std::string payload = encoder.payload(*frame);
    since += payload.size();
    if (!sink(payload)) return false;
  }
  return true;
}

}  // namespace heapmeter::cli::record
