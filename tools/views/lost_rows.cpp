// SPDX-License-Identifier: MIT
#include "views/lost_rows.h"

#include <algorithm>

#include <fmt/format.h>

#include "text/format.h"
#include "text/terminal.h"
#include "views/site_line.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostRules = 5;

}  // namespace

std::string bytes_in_blocks(std::uint64_t bytes, std::uint64_t blocks, const Units &units) {
  return fmt::format("{} in {}", units.bytes(bytes), format::counted(blocks, "block"));
}

json::array frames_json(const std::vector<symbols::Frame> &all) {
  json::array frames;
  for (const symbols::Frame &frame : all) {
    frames.push_back(json::object{{"function", frame.function},
                                  {"file", frame.file},
                                  {"line", frame.line},
                                  {"module", frame.module},
                                  {"offset", frame.offset},
                                  {"begin", begin_json(frame)}});
  }
  return frames;
}

json::array lost_rows_json(const std::vector<lost::NamedRow> &named) {
  json::array rows;
  for (const lost::NamedRow &row : named) {
    rows.push_back(json::object{
        {"blocks", row.row.sum.blocks},
        {"bytes", row.row.sum.bytes},
        {"least_blocks", row.row.sum.least_blocks},
        {"least_bytes", row.row.sum.least_bytes},
        {"indirectly_blocks", row.row.sum.indirectly_blocks},
        {"indirectly_bytes", row.row.sum.indirectly_bytes},
        {"family", row.row.family},
        {"block_bytes", row.row.leaf == 0 ? json::value(row.row.block_bytes) : json::value(nullptr)},
        {"example", fmt::format("{:#x}", row.row.example)},
        {"frames", frames_json(row.frames)}});
  }
  return rows;
}

std::string suppressed_lines(const Suppressions &suppressed, const Units &units) {
  std::string text;
  if (suppressed.all.blocks != 0) {
    text +=
        fmt::format("suppressed: {}\n", bytes_in_blocks(suppressed.all.bytes, suppressed.all.blocks, units));
    for (std::size_t at = 0; at < std::min(suppressed.fitting.size(), kMostRules); ++at) {
      const lost::Suppressed &one = suppressed.fitting[at];
      text += fmt::format("  {} by {} ({})\n", bytes_in_blocks(one.bytes, one.blocks, units),
                          printable(one.where), printable(one.why.empty() ? one.rule : one.why));
    }
    if (suppressed.fitting.size() > kMostRules)
      text +=
          fmt::format("  and by {}\n", format::counted(suppressed.fitting.size() - kMostRules, "more rule"));
  }
  if (!suppressed.idle.empty()) {
    text += "suppressed nothing: ";
    for (std::size_t at = 0; at < std::min(suppressed.idle.size(), kMostRules); ++at)
      text += (at == 0 ? "" : ", ") + printable(suppressed.idle[at]);
    if (suppressed.idle.size() > kMostRules)
      text += fmt::format(" and {} more", suppressed.idle.size() - kMostRules);
    text += "\n";
  }
  return text;
}

void add_suppressed_json(json::object &object, const Suppressions &suppressed) {
  json::array rules;
  for (const lost::Suppressed &one : suppressed.fitting) {
    rules.push_back(json::object{{"rule", one.rule},
                                 {"where", one.where},
                                 {"why", one.why.empty() ? json::value(nullptr) : json::value(one.why)},
                                 {"blocks", one.blocks},
                                 {"bytes", one.bytes}});
  }
  object["suppressed_blocks"] = suppressed.all.blocks;
  object["suppressed_bytes"] = suppressed.all.bytes;
  object["suppressed"] = std::move(rules);
}

}  // namespace heapmeter::cli
