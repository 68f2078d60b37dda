// SPDX-License-Identifier: MIT
#include "views/lost_at_exit.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "text/format.h"
#include "text/table.h"
#include "views/site_line.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

std::string heading(const lost::NamedRow &row, const Units &units) {
  const lost::Sum &sum = row.row.sum;
  std::string text = bytes_in_blocks(sum.bytes, sum.blocks, units);
  if (row.frames.empty()) {
    text += row.row.leaf != 0 || row.row.block_bytes == 0
                ? ""
                : fmt::format(" of {}, {}", format::counted(row.row.block_bytes, "byte"),
                              row.row.family.empty() ? "?" : row.row.family);
    text += ", from code that is not known";
  }
  std::vector<std::string> apart;
  if (sum.indirectly_blocks == sum.blocks)
    apart.push_back("which only lost ones point at");
  else if (sum.indirectly_blocks != 0)
    apart.push_back(fmt::format("of them {}, which only lost ones point at",
                                bytes_in_blocks(sum.indirectly_bytes, sum.indirectly_blocks, units)));
  if (sum.least_blocks != sum.blocks)
    apart.push_back(
        fmt::format("{} perhaps held in registers", format::grouped(sum.blocks - sum.least_blocks)));
  for (const std::string &one : apart) text += ", " + one;
  return text;
}

// All lines with the indent.
std::string in_width(const std::string &text, int width, const std::string &indent) {
  std::string lines;
  const int room = width == 0 ? 1'000'000 : std::max(width - static_cast<int>(indent.size()), 20);
  for (const std::string &line : wrapped(text, room)) lines += indent + line + "\n";
  return lines;
}

}  // namespace

std::string lost_line(const LostAtExit &lost, const Units &units) {
  if (lost.looks == 0 && !lost.failures.empty()) return "not known: " + printable(lost.failures.front());
  const lost::Sum &sum = lost.sum;
  std::string line;
  if (sum.blocks == 0) {
    line = fmt::format("      none found among {} live at exit", format::counted(lost.live_blocks, "block"));
  } else if (sum.least_blocks == 0) {
    line = fmt::format("{:>10} in {} perhaps, none proven: registers of its threads may hold all of it",
                       units.bytes(sum.bytes), format::counted(sum.blocks, "block"));
  } else {
    line =
        fmt::format("{:>10} in {}", units.bytes(sum.least_bytes), format::counted(sum.least_blocks, "block"));
    if (sum.blocks > sum.least_blocks) {
      line += fmt::format(", at least; perhaps {} more, {}, that registers of its threads may hold",
                          format::grouped(sum.blocks - sum.least_blocks),
                          units.bytes(sum.bytes - sum.least_bytes));
    }
  }
  if (lost.looks > 1) line += fmt::format(", in {}", format::counted(lost.looks, "process"));
  if (lost.looks > 1) line += "es";
  if (!lost.failures.empty()) line += fmt::format("; not known of {}", printable(lost.failures.front()));
  if (lost.failures.size() > 1) line += fmt::format(" and {} more", lost.failures.size() - 1);
  return line;
}

std::string lost_places(const LostAtExit &lost, std::size_t most_rows, std::size_t depth, const Units &units,
                        const Paint &paint, int width, bool utf8) {
  std::string text;
  const auto note = [&](const std::string &sentence) { text += in_width(sentence, width, ""); };
  if (!lost.rows.empty()) {
    const std::string proven = lost.sum.least_blocks == 0 ? "perhaps " : "";
    text +=
        paint.title(proven + "lost: nothing reachable points at these blocks any more; allocated by") + "\n";
    for (std::size_t at = 0; at < std::min(lost.rows.size(), most_rows); ++at) {
      const lost::NamedRow &row = lost.rows[at];
      text += "\n" + in_width(heading(row, units), width, "  ");
      for (std::size_t frame = 0; frame < std::min(row.frames.size(), depth); ++frame)
        text +=
            "      " + code_text(row.frames[frame], width == 0 ? 0 : std::max(width - 6, 20), utf8) + "\n";
      if (row.frames.size() > depth)
        text += paint.dim(fmt::format("      {} further out",
                                      format::counted(row.frames.size() - depth, "caller"))) +
                "\n";
    }
    std::uint64_t more_rows = lost.other_rows, more_bytes = lost.others.bytes,
                  more_blocks = lost.others.blocks;
    for (std::size_t at = most_rows; at < lost.rows.size(); ++at) {
      ++more_rows;
      more_bytes += lost.rows[at].row.sum.bytes;
      more_blocks += lost.rows[at].row.sum.blocks;
    }
    if (more_blocks != 0)
      text +=
          fmt::format("\n  {} more, at {}; --json has those that have room\n",
                      bytes_in_blocks(more_bytes, more_blocks, units), format::counted(more_rows, "place"));
    text += "\n";
  }
  text += suppressed_lines(lost.suppressed, units);
  if (lost.not_looked_at_bytes != 0)
    note(fmt::format("not looked at: {}, which could not be read", units.bytes(lost.not_looked_at_bytes)));
  for (const std::string &line : lost.advice) note(printable(line));
  return text;
}

void add_lost_json(json::object &object, const LostAtExit &lost) {
  if (!lost.failures.empty()) object["lost_failure"] = lost.failures.front();
  if (lost.looks == 0) return;
  const lost::Sum &sum = lost.sum;
  object["lost_blocks"] = sum.least_blocks;
  object["lost_bytes"] = sum.least_bytes;
  object["lost_indirectly_blocks"] = sum.indirectly_blocks;
  object["lost_indirectly_bytes"] = sum.indirectly_bytes;
  object["perhaps_in_registers_blocks"] = sum.blocks - sum.least_blocks;
  object["perhaps_in_registers_bytes"] = sum.bytes - sum.least_bytes;
  object["not_looked_at_bytes"] = lost.not_looked_at_bytes;
  object["lost"] = lost_rows_json(lost.rows);
  object["not_listed_blocks"] = lost.others.blocks;
  add_suppressed_json(object, lost.suppressed);
}

}  // namespace heapmeter::cli
