// SPDX-License-Identifier: MIT
#include "record/decoder.h"

#include <algorithm>
#include <set>
#include <utility>

#include <protozero/pbf_message.hpp>

#include "record/encoder.h"
#include "record/message.h"
#include "record/tags.h"
#include "record/used_code.h"

namespace heapmeter::cli::record {
namespace {

constexpr std::uint64_t kUnits[] = {
#define HEAPMETER_COLUMN(name, unit) unit,
#include "record/columns.def"
#undef HEAPMETER_COLUMN
};

constexpr std::size_t kMostProcesses = 1u << 20;  // in the whole file
constexpr std::uint32_t kDeepest = 4096;
constexpr std::size_t kMostSites = 4096, kMostTags = 4096, kLongestTag = 256;
constexpr std::int64_t kLatest = 100'000'000'000'000;  // the year 5138

std::string_view bytes_of(const protozero::data_view &view) { return {view.data(), view.size()}; }

std::string text(std::string_view from, std::size_t most) { return std::string(from.substr(0, most)); }

std::int64_t time_of(std::int64_t milliseconds) {
  if (milliseconds < 0 || milliseconds > kLatest) throw Damaged("a time that is none");
  return milliseconds;
}

// The varints of a packed field, one by one.
template <typename Range>
class Words {
 public:
  explicit Words(const Range &range) : at_(range.begin()), end_(range.end()) {}
  bool any() const { return at_ != end_; }
  std::uint64_t next() {
    if (!any()) throw Damaged("a list that ends too early");
    return *at_++;
  }

 private:
  decltype(std::declval<Range>().begin()) at_, end_;
};

symbols::Module module_of(Message<ModuleTag> message) {
  constexpr std::size_t kLongestPath = 4096, kLongestId = 128;
  symbols::Module module;
  while (message.next()) {
    switch (message.tag()) {
      case ModuleTag::kPath:
        module.path = text(bytes_of(message.get_view()), kLongestPath);
        break;
      case ModuleTag::kBuildId:
        module.build_id = text(bytes_of(message.get_view()), kLongestId);
        break;
      case ModuleTag::kStart:
        module.start = message.get_uint64();
        break;
      case ModuleTag::kEnd:
        module.end = message.get_uint64();
        break;
      case ModuleTag::kBias:
        module.bias = message.get_uint64();
        break;
      default:
        message.skip();
    }
  }
  return module;
}

template <typename Range>
void read_head(const Range &range, sites::Profile &profile) {
  std::uint64_t *const fields[] = {
      &profile.live_bytes,          &profile.live_blocks,          &profile.allocations,
      &profile.allocated_bytes,     &profile.before.live_bytes,    &profile.before.live_blocks,
      &profile.other.live_bytes,    &profile.other.live_blocks,    &profile.left_out_sites,
      &profile.left_out.live_bytes, &profile.left_out.live_blocks, &profile.left_out_most_bytes};
  Words words(range);
  for (std::uint64_t *field : fields) {
    if (words.any()) *field = words.next();
  }
}

}  // namespace

Frame Decoder::frame(std::string_view payload) {
  Frame frame;
  std::set<std::uint32_t> taken;
  try {
    Message<FrameTag> message(payload.data(), payload.size());
    while (message.next()) {
      switch (message.tag()) {
        case FrameTag::kSegment:
          frame.segment = segment(bytes_of(message.get_view()));
          break;
        case FrameTag::kProcess:
          process(bytes_of(message.get_view()));
          break;
        case FrameTag::kRound:
          if (frame.round) throw Damaged("two rounds in one frame");
          frame.round = round(bytes_of(message.get_view()));
          break;
        case FrameTag::kSites:
          frame.takings.push_back(taking(bytes_of(message.get_view())));
          if (!taken.insert(frame.takings.back().process).second) throw Damaged("sites of a process twice");
          break;
        default:
          message.skip();
      }
    }
  } catch (const protozero::exception &failed) {
    throw Damaged(failed.what());
  }
  return frame;
}

Segment Decoder::segment(std::string_view bytes) {
  constexpr std::size_t kLongest = 256;
  Segment segment;
  Message<SegmentTag> message(bytes.data(), bytes.size());
  while (message.next()) {
    switch (message.tag()) {
      case SegmentTag::kTime:
        segment.time_ms = time_of(message.get_int64());
        break;
      case SegmentTag::kInterval:
        segment.interval_ms = std::clamp<std::int64_t>(message.get_int64(), 0, kLatest);
        break;
      case SegmentTag::kBoot:
        segment.boot_id = text(bytes_of(message.get_view()), kLongest);
        break;
      case SegmentTag::kHost:
        segment.host = text(bytes_of(message.get_view()), kLongest);
        break;
      case SegmentTag::kVersion:
        segment.version = text(bytes_of(message.get_view()), kLongest);
        break;
      default:
        message.skip();
    }
  }
  known_.clear();
  boot_ = segment.boot_id;
  last_time_ = segment.time_ms;
  last_booted_.reset();
  began_ = true;
  return segment;
}

void Decoder::process(std::string_view bytes) {
  constexpr std::size_t kLongest = 4096;
  if (!began_) throw Damaged("no segment has begun");
  if (known_.size() >= Encoder::kMostProcesses) throw Damaged("too many processes in a segment");
  Process process;
  Message<ProcessTag> message(bytes.data(), bytes.size());
  while (message.next()) {
    switch (message.tag()) {
      case ProcessTag::kPid:
        process.pid = static_cast<int>(message.get_int64());
        break;
      case ProcessTag::kInnerPid:
        process.inner_pid = static_cast<int>(message.get_int64());
        break;
      case ProcessTag::kParent:
        process.parent = static_cast<int>(message.get_int64());
        break;
      case ProcessTag::kStartTime:
        process.start_time = message.get_uint64();
        break;
      case ProcessTag::kCountingSince:
        process.counting_since_ns = message.get_uint64();
        break;
      case ProcessTag::kStarted:
        process.started_ms = message.get_int64();
        break;
      case ProcessTag::kName:
        process.name = text(bytes_of(message.get_view()), kLongest);
        break;
      case ProcessTag::kCommand:
        process.command = text(bytes_of(message.get_view()), kLongest);
        break;
      case ProcessTag::kBackend:
        process.backend = text(bytes_of(message.get_view()), kLongest);
        break;
      case ProcessTag::kGroup:
        process.group = text(bytes_of(message.get_view()), kLongest);
        break;
      default:
        message.skip();
    }
  }
  const auto [place, is_new] =
      numbers_.try_emplace({boot_, process.key()}, static_cast<std::uint32_t>(processes_.size()));
  if (is_new) {
    if (processes_.size() >= kMostProcesses) throw Damaged("too many processes");
    processes_.push_back(std::move(process));
  }
  known_.push_back({place->second});
}

Round Decoder::round(std::string_view bytes) {
  if (!began_) throw Damaged("no segment has begun");
  Round round;
  Message<RoundTag> message(bytes.data(), bytes.size());
  while (message.next()) {
    switch (message.tag()) {
      case RoundTag::kTime: {
        std::int64_t time = 0;
        if (__builtin_add_overflow(last_time_, message.get_sint64(), &time))
          throw Damaged("a time that is none");
        last_time_ = round.time_ms = time_of(time);
        break;
      }
      case RoundTag::kBooted: {
        std::int64_t booted = 0;
        if (__builtin_add_overflow(last_booted_.value_or(0), message.get_sint64(), &booted) ||
            booted < -kLatest || booted > kLatest)
          throw Damaged("a time that is none");
        last_booted_ = booted;
        break;
      }
      case RoundTag::kUrgent:
        round.urgent = message.get_bool();
        break;
      case RoundTag::kResumed:
        round.resumed = message.get_bool();
        break;
      case RoundTag::kKills:
        round.oom_kills = message.get_uint64();
        break;
      case RoundTag::kRows: {
        Words words(message.get_packed_uint64());
        for (std::uint64_t next = 0; words.any(); ++next) {
          const std::uint64_t gap = words.next();
          if (gap >= known_.size() || next + gap >= known_.size()) throw Damaged("a row of no process");
          next += gap;
          Known &known = known_[next];
          for (std::uint64_t mask = words.next(), column = 0; mask != 0; mask >>= 1, ++column) {
            if ((mask & 1) == 0) continue;
            const std::uint64_t change = static_cast<std::uint64_t>(protozero::decode_zigzag64(words.next()));
            if (column < kColumns) known.last[column] += change;
          }
          Row row{known.process, known.last};
          for (unsigned column = 0; column < kColumns; ++column) row.values[column] *= kUnits[column];
          row.values[k_state] = std::min<std::uint64_t>(row.values[k_state], kStates - 1);
          row.values[k_limit_kind] =
              row.values[k_limit_kind] < kLimitKinds ? row.values[k_limit_kind] : kNoLimit;
          round.rows.push_back(row);
        }
        break;
      }
      default:
        message.skip();
    }
  }
  round.booted_ms = last_booted_;
  return round;
}

Taking Decoder::taking(std::string_view bytes) {
  Taking taking;
  sites::Profile &profile = taking.profile;
  Known *known = nullptr;
  bool listed = false;
  const auto code = [&]() -> Code & {
    if (known == nullptr) throw Damaged("sites of no process");
    return known->code;
  };
  Message<SitesTag> message(bytes.data(), bytes.size());
  while (message.next()) {
    switch (message.tag()) {
      case SitesTag::kProcess: {
        const std::uint64_t number = message.get_uint64();
        if (number >= known_.size()) throw Damaged("sites of no process");
        // What was read of the one would be looked up in the other's code.
        if (known != nullptr) throw Damaged("sites of two processes");
        known = &known_[number];
        taking.process = known->process;
        break;
      }
      case SitesTag::kTime:
        profile.time = static_cast<double>(time_of(message.get_int64())) / 1000;
        break;
      case SitesTag::kMode: {
        const std::uint64_t mode = message.get_uint64();
        profile.mode = mode == 1   ? sites::Mode::kEvery
                       : mode == 2 ? sites::Mode::kSampled
                                   : sites::Mode::kOff;
        break;
      }
      case SitesTag::kMeanBytes:
        profile.mean_bytes = message.get_uint64();
        break;
      case SitesTag::kHead:
        read_head(message.get_packed_uint64(), profile);
        break;
      case SitesTag::kModule:
        code().modules.push_back(module_of(message.get_message()));
        break;
      case SitesTag::kTag:
        if (code().tags.size() >= kMostTags) throw Damaged("too many names");
        code().tags.push_back(text(bytes_of(message.get_view()), kLongestTag));
        break;
      case SitesTag::kNodes: {
        Code &into = code();
        for (Words words(message.get_packed_uint64()); words.any();) {
          sites::Node node;
          const std::uint64_t parent = words.next();
          const std::int64_t module = protozero::decode_zigzag64(words.next());
          node.offset = words.next();
          if (parent > into.nodes.size() || module < sites::kMark ||
              module >= static_cast<std::int64_t>(into.modules.size()))
            throw Damaged("a node that leads nowhere");
          node.parent = static_cast<std::uint32_t>(parent);
          node.module = static_cast<int>(module);
          const std::uint32_t depth = parent == 0 ? 1 : into.depths[parent - 1] + 1;
          if (depth > kDeepest) throw Damaged("stacks that are too long");
          into.nodes.push_back(node);
          into.numbers.push_back(0);
          into.depths.push_back(depth);
        }
        break;
      }
      case SitesTag::kSites: {
        // Each list is told the whole stacks that it leads to: of many of one row they would be most of
        // memory.
        if (std::exchange(listed, true)) throw Damaged("two lists of sites in one taking");
        UsedNodes used(code().nodes, code().numbers, profile.nodes);
        for (Words words(message.get_packed_uint64()); words.any();) {
          if (profile.sites.size() >= kMostSites) throw Damaged("too many sites at once");
          sites::Site site;
          const std::uint64_t leaf = words.next();
          if (leaf == 0 || leaf > code().nodes.size()) throw Damaged("a site that leads nowhere");
          site.leaf = used.number(static_cast<std::uint32_t>(leaf));
          site.values.live_bytes = words.next();
          site.values.live_blocks = words.next();
          site.values.allocations = words.next();
          site.values.allocated_bytes = words.next();
          site.values.live_samples = words.next();
          site.values.variance_bytes = static_cast<double>(words.next());
          profile.sites.push_back(site);
        }
        break;
      }
      default:
        message.skip();
    }
  }
  keep_used(code().modules, code().tags, profile);  // which throws where no process was named
  const Process &process = processes_[taking.process];
  profile.pid = process.pid;
  profile.start_time = process.start_time;
  profile.name = process.name;
  return taking;
}

}  // namespace heapmeter::cli::record
