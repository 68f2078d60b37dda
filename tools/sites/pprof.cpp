// SPDX-License-Identifier: MIT
//
// github.com/google/pprof/proto/profile.proto, whose field numbers these are.
#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include <zlib.h>

#include <protozero/pbf_builder.hpp>

#include "sites/formats.h"
#include "symbols/plumbing.h"
#include "text/terminal.h"
#include "text/user_error.h"

namespace heapmeter::cli::sites {
namespace {

enum class Top : protozero::pbf_tag_type {
  kSampleType = 1,
  kSample = 2,
  kMapping = 3,
  kLocation = 4,
  kFunction = 5,
  kStrings = 6,
  kTime = 9,
  kDuration = 10,
  kPeriodType = 11,
  kPeriod = 12,
  kDefaultType = 14
};
enum class Type : protozero::pbf_tag_type { kType = 1, kUnit = 2 };
enum class Sample : protozero::pbf_tag_type { kLocations = 1, kValues = 2 };
enum class Mapping : protozero::pbf_tag_type {
  kId = 1,
  kStart = 2,
  kLimit = 3,
  kFile = 5,
  kBuildId = 6,
  kHasFunctions = 7,
  kHasFiles = 8,
  kHasLines = 9,
  kHasInlined = 10
};
enum class Location : protozero::pbf_tag_type { kId = 1, kMapping = 2, kAddress = 3, kLine = 4 };
enum class Line : protozero::pbf_tag_type { kFunction = 1, kLine = 2 };
enum class Function : protozero::pbf_tag_type { kId = 1, kName = 2, kSystemName = 3, kFile = 4 };

constexpr std::int64_t kNanosecond = 1'000'000'000;

class Message {
 public:
  Message(const Profile &profile, const Naming &naming) : profile_(profile), naming_(naming), out_(bytes_) {
    string("");
  }

  std::string build() {
    type(Top::kSampleType, "alloc_objects", "count");
    type(Top::kSampleType, "alloc_space", "bytes");
    type(Top::kSampleType, "inuse_objects", "count");
    type(Top::kSampleType, "inuse_space", "bytes");
    if (profile_.has_peaks) {
      type(Top::kSampleType, "peak_objects", "count");
      type(Top::kSampleType, "peak_space", "bytes");
    }
    for (const Site &site : profile_.sites) sample(site);
    const std::size_t first = program();
    if (first < profile_.modules.size()) mapping(first);
    for (std::size_t module = 0; module < profile_.modules.size(); ++module)
      if (module != first) mapping(module);
    out_.add_int64(Top::kTime, static_cast<std::int64_t>(profile_.time * kNanosecond));
    if (profile_.since > 0)
      out_.add_int64(Top::kDuration,
                     static_cast<std::int64_t>((profile_.time - profile_.since) * kNanosecond));
    type(Top::kPeriodType, "space", "bytes");
    out_.add_int64(Top::kPeriod, static_cast<std::int64_t>(std::max<std::uint64_t>(1, profile_.mean_bytes)));
    out_.add_int64(Top::kDefaultType, string("inuse_space"));
    for (const std::string *each : in_order_) out_.add_string(Top::kStrings, *each);
    return std::move(bytes_);
  }

 private:
  template <typename Tag>
  using Builder = protozero::pbf_builder<Tag>;

  std::int64_t string(const std::string &text) {
    const auto [place, is_new] =
        strings_.try_emplace(printable(text), static_cast<std::int64_t>(in_order_.size()));
    if (is_new) in_order_.push_back(&place->first);
    return place->second;
  }

  void type(Top tag, const char *what, const char *unit) {
    const std::int64_t type = string(what), units = string(unit);
    Builder<Type> out(out_, tag);
    out.add_int64(Type::kType, type);
    out.add_int64(Type::kUnit, units);
  }

  // Innermost first; a function without a name may bear one by its callers, and is another place then.
  void sample(const Site &site) {
    std::vector<const Node *> nodes;
    std::vector<const symbols::Frame *> stack;
    std::vector<std::size_t> begins;  // of each node's own in the stack
    for (std::uint32_t number = site.leaf; number != 0; number = profile_.node(number).parent) {
      nodes.push_back(&profile_.node(number));
      begins.push_back(stack.size());
      for (const symbols::Frame &frame : frames(*nodes.back())) stack.push_back(&frame);
    }
    const auto at = [&](std::size_t number) { return number < stack.size() ? stack[number] : nullptr; };
    std::vector<std::uint64_t> locations;
    for (std::size_t each = 0; each < nodes.size(); ++each) {
      const bool is_code = nodes[each]->module != kMark && !frames(*nodes[each]).empty();
      const char *name = is_code ? symbols::name_by_callers(at, begins[each]) : nullptr;
      locations.push_back(location(*nodes[each], name == nullptr ? "" : name));
    }
    const Values &values = site.values;
    std::vector<std::uint64_t> numbers = {values.allocations, values.allocated_bytes, values.live_blocks,
                                          values.live_bytes};
    if (profile_.has_peaks) numbers.insert(numbers.end(), {values.peak_blocks, values.peak_bytes});
    Builder<Sample> out(out_, Top::kSample);
    out.add_packed_uint64(Sample::kLocations, locations.begin(), locations.end());
    out.add_packed_int64(Sample::kValues, numbers.begin(), numbers.end());
  }

  const std::vector<symbols::Frame> &frames(const Node &node) {
    const auto [place, is_new] = frames_.try_emplace({node.module, node.offset});
    if (!is_new) return place->second;
    if (node.module == kMark)
      place->second.resize(1), place->second[0].function = mark_text(profile_, node);
    else
      place->second = naming_(node.module, node.offset);
    return place->second;
  }

  std::uint64_t location(const Node &node, const std::string &by_callers) {
    const auto [place, is_new] =
        locations_.try_emplace({node.module, node.offset, by_callers}, locations_.size() + 1);
    if (!is_new) return place->second;
    std::vector<std::pair<std::uint64_t, int>> lines;
    for (symbols::Frame frame : frames(node)) {
      if (frame.function.empty()) frame.function = by_callers;
      if (!frame.function.empty()) lines.emplace_back(function(frame), frame.line);
    }
    Builder<Location> out(out_, Top::kLocation);
    out.add_uint64(Location::kId, place->second);
    if (node.module >= 0) {
      const auto module = static_cast<std::size_t>(node.module);
      out.add_uint64(Location::kMapping, module + 1);
      out.add_uint64(Location::kAddress, profile_.modules[module].bias + node.offset - 1);
    } else if (node.module != kMark) {
      out.add_uint64(Location::kAddress, node.offset - 1);
    }
    for (const auto &[function, line] : lines) {
      Builder<Line> each(out, Location::kLine);
      each.add_uint64(Line::kFunction, function);
      each.add_int64(Line::kLine, line);
    }
    return place->second;
  }

  std::uint64_t function(const symbols::Frame &frame) {
    const std::int64_t name = string(frame.function), file = string(frame.file);
    const auto [place, is_new] = functions_.try_emplace({name, file}, functions_.size() + 1);
    if (!is_new) return place->second;
    Builder<Function> out(out_, Top::kFunction);
    out.add_uint64(Function::kId, place->second);
    out.add_int64(Function::kName, name);
    out.add_int64(Function::kSystemName, name);
    out.add_int64(Function::kFile, file);
    return place->second;
  }

  // By the first mapping pprof calls the whole. The kernel puts the program below all that is mapped later;
  // but for the loader, where that was asked to start it.
  std::size_t program() const {
    std::size_t lowest = profile_.modules.size();
    for (std::size_t at = 0; at < profile_.modules.size(); ++at) {
      const symbols::Module &module = profile_.modules[at];
      const std::string name = module.path.substr(module.path.rfind('/') + 1);
      if (name.starts_with("ld-linux")) continue;
      if (lowest == profile_.modules.size() || module.start < profile_.modules[lowest].start) lowest = at;
    }
    return lowest;
  }

  // That its functions are known keeps pprof from looking for them anew.
  void mapping(std::size_t number) {
    const symbols::Module &module = profile_.modules[number];
    const std::int64_t file = string(module.path), build_id = string(module.build_id);
    Builder<Mapping> out(out_, Top::kMapping);
    out.add_uint64(Mapping::kId, number + 1);
    out.add_uint64(Mapping::kStart, module.start);
    out.add_uint64(Mapping::kLimit, module.end);
    out.add_int64(Mapping::kFile, file);
    out.add_int64(Mapping::kBuildId, build_id);
    for (const Mapping known :
         {Mapping::kHasFunctions, Mapping::kHasFiles, Mapping::kHasLines, Mapping::kHasInlined})
      out.add_bool(known, true);
  }

  const Profile &profile_;
  const Naming &naming_;
  std::string bytes_;
  Builder<Top> out_;
  std::unordered_map<std::string, std::int64_t> strings_;
  std::vector<const std::string *> in_order_;
  std::map<symbols::Place, std::vector<symbols::Frame>> frames_;
  std::map<std::tuple<int, std::uint64_t, std::string>, std::uint64_t> locations_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::uint64_t> functions_;
};

}  // namespace

std::string pprof_message(const Profile &profile, const Naming &naming) {
  return Message(profile, naming).build();
}

std::string gzipped(const std::string &bytes) {
  constexpr int kGzip = 15 + 16, kUsualMemory = 8;
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kUsualMemory, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    throw UserError("there is no memory to compress the profile with");
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef *>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int end = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (end != Z_STREAM_END) throw UserError("the profile could not be compressed");
  return packed;
}

}  // namespace heapmeter::cli::sites
