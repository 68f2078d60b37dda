// SPDX-License-Identifier: MIT
//
// Pages of /v1/sites as a library serves them, of the test's own making.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sites/page.h"
#include "sites/stacks.h"

namespace heapmeter::testing {

// Of code whose names are known beforehand: the function called "f" is at an offset of its own in module 0.
class PageText {
 public:
  std::string mode = "every";
  std::string head = R"("mean_bytes":0,"since":1000,"until":0)";
  std::string columns =
      R"("leaf","live_blocks","live_bytes","allocations","allocated_bytes","live_samples","variance_bytes")";
  // With these, what is said of samples is bytes and blocks at the peak.
  void tell_peaks(std::uint64_t live_bytes_then, double time = 0) {
    columns =
        R"("leaf","live_blocks","live_bytes","allocations","allocated_bytes","peak_bytes","peak_blocks")";
    head += fmt::format(R"(,"peak_live_bytes":{},"peak_bytes":{})", live_bytes_then, 2 * live_bytes_then);
    if (time > 0) head += fmt::format(R"(,"peak_live_time":{})", time);
  }
  std::uint64_t before_bytes = 0, before_blocks = 0;
  std::vector<cli::symbols::Frame> names;

  // Outermost first; returns the site's row.
  void add(const std::vector<cli::symbols::Frame> &stack, std::uint64_t blocks, std::uint64_t bytes,
           std::uint64_t allocations = 0, std::uint64_t allocated = 0, std::uint64_t samples = 0,
           double variance = 0) {
    std::size_t parent = 0;
    for (const auto &frame : stack) parent = node(parent, frame);
    sites_.push_back(fmt::format("[{},{},{},{},{},{},{}]", parent, blocks, bytes,
                                 std::max(allocations, blocks), std::max(allocated, bytes), samples,
                                 variance));
    blocks_ += blocks;
    bytes_ += bytes;
    allocations_ += std::max(allocations, blocks);
    allocated_ += std::max(allocated, bytes);
  }
  void add_cut_short(std::uint64_t blocks, std::uint64_t bytes) {
    nodes_.push_back("[0,-2,1]");
    cut_short_ = blocks;
    sites_.push_back(fmt::format("[{},{},{},{},{},0,0]", nodes_.size(), blocks, bytes, blocks, bytes));
    blocks_ += blocks;
    bytes_ += bytes;
  }

  std::string text() const {
    return fmt::format(
        R"({{"schema":1,"pid":4711,"start_time":7,"name":"shop","time":1060,"mode":"{}",{},)"
        R"("live_bytes":{},"live_blocks":{},"allocations":{},"allocated_bytes":{},)"
        R"("before_live_bytes":{},"before_live_blocks":{},"captures":{},"cut_short":{},)"
        R"("limit_bytes":67108864,"sites_bytes":4096,)"
        R"("modules":[{{"path":"/usr/bin/shop","build_id":"{}","start":"0x1000","end":"0x9000","bias":"0x0"}}],)"
        R"("site_columns":[{}],"sites":[{}],"nodes":[{}]}})",
        mode, head, bytes_ + before_bytes, blocks_ + before_blocks, allocations_, allocated_, before_bytes,
        before_blocks, allocations_, cut_short_, build_id, columns, fmt::join(sites_, ","),
        fmt::join(nodes_, ","));
  }
  cli::sites::Naming naming() const {
    return [names = names](int, std::uint64_t offset) {
      return std::vector<cli::symbols::Frame>{names.at(offset)};
    };
  }
  std::string build_id = "c0ffee";

 private:
  std::size_t node(std::size_t parent, const cli::symbols::Frame &frame) {
    std::size_t offset = 0;
    while (offset < names.size() &&
           (names[offset].function != frame.function || names[offset].line != frame.line ||
            names[offset].file != frame.file || names[offset].module != frame.module ||
            names[offset].offset != frame.offset))
      ++offset;
    if (offset == names.size()) names.push_back(frame);
    const std::string row = fmt::format("[{},0,{}]", parent, offset);
    for (std::size_t at = 0; at < nodes_.size(); ++at)
      if (nodes_[at] == row) return at + 1;
    nodes_.push_back(row);
    return nodes_.size();
  }

  std::vector<std::string> nodes_, sites_;
  std::uint64_t blocks_ = 0, bytes_ = 0, allocations_ = 0, allocated_ = 0, cut_short_ = 0;
};

inline cli::symbols::Frame call(const std::string &function, const std::string &file = "", int line = 0,
                                const std::string &module = "shop") {
  cli::symbols::Frame frame;
  frame.function = function;
  frame.file = file;
  frame.line = line;
  frame.module = module;
  return frame;
}

}  // namespace heapmeter::testing
