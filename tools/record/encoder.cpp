// SPDX-License-Identifier: MIT
#include "record/encoder.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <protozero/pbf_builder.hpp>

#include "record/frame.h"
#include "record/tags.h"

namespace heapmeter::cli::record {
namespace {

template <typename Tag>
using Builder = protozero::pbf_builder<Tag>;

constexpr std::uint64_t kUnits[] = {
#define HEAPMETER_COLUMN(name, unit) unit,
#include "record/columns.def"
#undef HEAPMETER_COLUMN
};

constexpr std::size_t kLongestName = 64, kLongestCommand = 400, kLongestPath = 4096;

std::string_view cut(const std::string &text, std::size_t most) {
  return std::string_view(text).substr(0, most);
}

std::uint64_t zigzag(std::uint64_t later, std::uint64_t earlier) {
  return protozero::encode_zigzag64(static_cast<std::int64_t>(later - earlier));
}

void describe(const Process &process, std::string &out) {
  Builder<FrameTag> frame(out);
  Builder<ProcessTag> message(frame, FrameTag::kProcess);
  message.add_int64(ProcessTag::kPid, process.pid);
  message.add_int64(ProcessTag::kInnerPid, process.inner_pid);
  message.add_int64(ProcessTag::kParent, process.parent);
  message.add_uint64(ProcessTag::kStartTime, process.start_time);
  message.add_uint64(ProcessTag::kCountingSince, process.counting_since_ns);
  message.add_int64(ProcessTag::kStarted, process.started_ms);
  const std::pair<ProcessTag, std::string_view> texts[] = {
      {ProcessTag::kName, cut(process.name, kLongestName)},
      {ProcessTag::kCommand, cut(process.command, kLongestCommand)},
      {ProcessTag::kBackend, cut(process.backend, kLongestName)},
      {ProcessTag::kGroup, cut(process.group, kLongestPath)}};
  for (const auto &[tag, text] : texts) {
    if (!text.empty()) message.add_bytes(tag, text.data(), text.size());
  }
}

void add_segment(const Segment &segment, std::string &out) {
  Builder<FrameTag> frame(out);
  const std::string_view mark = kSegmentMark.substr(2);
  frame.add_bytes(FrameTag::kMark, mark.data(), mark.size());
  Builder<SegmentTag> message(frame, FrameTag::kSegment);
  message.add_int64(SegmentTag::kTime, segment.time_ms);
  message.add_int64(SegmentTag::kInterval, segment.interval_ms);
  message.add_bytes(SegmentTag::kBoot, segment.boot_id);
  message.add_bytes(SegmentTag::kHost, segment.host);
  message.add_bytes(SegmentTag::kVersion, segment.version);
}

void describe(const symbols::Module &module, Builder<SitesTag> &sites) {
  Builder<ModuleTag> message(sites, SitesTag::kModule);
  const std::string_view path = cut(module.path, kLongestPath);
  message.add_bytes(ModuleTag::kPath, path.data(), path.size());
  message.add_bytes(ModuleTag::kBuildId, module.build_id);
  message.add_uint64(ModuleTag::kStart, module.start);
  message.add_uint64(ModuleTag::kEnd, module.end);
  message.add_uint64(ModuleTag::kBias, module.bias);
}

}  // namespace

std::string Encoder::payload(const Frame &frame) {
  std::string out;
  if (frame.segment) {
    known_.clear();
    last_time_ = frame.segment->time_ms;
    last_booted_.reset();
    add_segment(*frame.segment, out);
  }
  if (frame.round) add_round(*frame.round, out);
  for (const Taking &taking : frame.takings) add_taking(taking, out);
  return out;
}

Encoder::Known &Encoder::known(std::uint32_t process, std::string &out) {
  const auto [place, is_new] = known_.try_emplace(process);
  if (is_new) {
    place->second.number = static_cast<std::uint32_t>(known_.size() - 1);
    describe(who_(process), out);
  }
  return place->second;
}

void Encoder::add_round(const Round &round, std::string &out) {
  std::vector<std::pair<Known *, const Values *>> rows;
  for (const Row &row : round.rows) rows.emplace_back(&known(row.process, out), &row.values);
  std::sort(rows.begin(), rows.end(),
            [](const auto &a, const auto &b) { return a.first->number < b.first->number; });
  std::vector<std::uint64_t> words;
  std::uint32_t next = 0;
  for (const auto &[known, values] : rows) {
    words.push_back(known->number - next);
    next = known->number + 1;
    const std::size_t mask = words.size();
    words.push_back(0);
    for (unsigned column = 0; column < kColumns; ++column) {
      const std::uint64_t now = (*values)[column] / kUnits[column];
      if (now == known->last[column]) continue;
      words[mask] |= std::uint64_t{1} << column;
      words.push_back(zigzag(now, known->last[column]));
      known->last[column] = now;
    }
  }
  Builder<FrameTag> frame(out);
  Builder<RoundTag> message(frame, FrameTag::kRound);
  message.add_sint64(RoundTag::kTime, round.time_ms - std::exchange(last_time_, round.time_ms));
  if (round.booted_ms && round.booted_ms != last_booted_) {
    message.add_sint64(RoundTag::kBooted, *round.booted_ms - last_booted_.value_or(0));
    last_booted_ = round.booted_ms;
  }
  if (round.urgent) message.add_bool(RoundTag::kUrgent, true);
  if (round.resumed) message.add_bool(RoundTag::kResumed, true);
  if (round.oom_kills > 0) message.add_uint64(RoundTag::kKills, round.oom_kills);
  message.add_packed_uint64(RoundTag::kRows, words.begin(), words.end());
}

void Encoder::add_taking(const Taking &taking, std::string &out) {
  Known &known = this->known(taking.process, out);
  const sites::Profile &profile = taking.profile;
  Builder<FrameTag> frame(out);
  Builder<SitesTag> message(frame, FrameTag::kSites);
  message.add_uint64(SitesTag::kProcess, known.number);
  message.add_int64(SitesTag::kTime, static_cast<std::int64_t>(profile.time * 1000));
  message.add_uint64(SitesTag::kMode, static_cast<std::uint64_t>(profile.mode));
  message.add_uint64(SitesTag::kMeanBytes, profile.mean_bytes);
  const std::uint64_t head[] = {
      profile.live_bytes,          profile.live_blocks,          profile.allocations,
      profile.allocated_bytes,     profile.before.live_bytes,    profile.before.live_blocks,
      profile.other.live_bytes,    profile.other.live_blocks,    profile.left_out_sites,
      profile.left_out.live_bytes, profile.left_out.live_blocks, profile.left_out_most_bytes};
  message.add_packed_uint64(SitesTag::kHead, std::begin(head), std::end(head));
  std::vector<std::uint64_t> nodes, rows;
  const auto module_number = [&](int module) -> std::int64_t {
    if (module < 0) return module;
    const symbols::Module &it = profile.modules[static_cast<std::size_t>(module)];
    const auto [place, is_new] =
        known.code.modules.try_emplace(fmt::format("{}\n{}\n{}", it.path, it.build_id, it.start),
                                       static_cast<std::uint32_t>(known.code.modules.size()));
    if (is_new) describe(it, message);
    return place->second;
  };
  const auto offset_of = [&](const sites::Node &node) -> std::uint64_t {
    if (node.module != sites::kMark || node.offset <= sites::kFirstTag ||
        node.offset - sites::kFirstTag > profile.tags.size())
      return node.offset;
    const std::string &tag = profile.tags[node.offset - sites::kFirstTag - 1];
    const auto [place, is_new] =
        known.code.tags.try_emplace(tag, static_cast<std::uint32_t>(known.code.tags.size() + 1));
    if (is_new) message.add_bytes(SitesTag::kTag, tag);
    return sites::kFirstTag + place->second;
  };
  std::vector<std::uint32_t> numbers(profile.nodes.size() + 1);
  std::vector<std::uint32_t> missing;
  for (const sites::Site &site : profile.sites) {
    missing.clear();
    for (std::uint32_t node = site.leaf; node != 0 && numbers[node] == 0; node = profile.node(node).parent)
      missing.push_back(node);
    for (auto each = missing.rbegin(); each != missing.rend(); ++each) {
      const sites::Node &node = profile.node(*each);
      const std::uint32_t parent = numbers[node.parent];
      const std::int64_t module = module_number(node.module);
      const std::uint64_t offset = offset_of(node);
      const auto [place, is_new] = known.code.nodes.try_emplace(
          {parent, module, offset}, static_cast<std::uint32_t>(known.code.nodes.size() + 1));
      numbers[*each] = place->second;
      if (is_new) nodes.insert(nodes.end(), {parent, protozero::encode_zigzag64(module), offset});
    }
    const sites::Values &values = site.values;
    rows.insert(rows.end(), {numbers[site.leaf], values.live_bytes, values.live_blocks, values.allocations,
                             values.allocated_bytes, values.live_samples,
                             static_cast<std::uint64_t>(std::max(values.variance_bytes, 0.0))});
  }
  message.add_packed_uint64(SitesTag::kNodes, nodes.begin(), nodes.end());
  message.add_packed_uint64(SitesTag::kSites, rows.begin(), rows.end());
}

}  // namespace heapmeter::cli::record
