// SPDX-License-Identifier: MIT
#include "run/tree_view.h"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <sstream>

#include <fmt/format.h>

#include "text/fit.h"
#include "text/format.h"
#include "text/table.h"
#include "views/reading.h"

namespace heapmeter::cli {
namespace {

constexpr std::size_t kMostRows = 12, kLeastRoom = 6;
constexpr int kLongestName = 16;

std::string bytes(std::uint64_t amount) { return format::bytes(static_cast<double>(amount)); }

const char *ending(bool utf8) { return utf8 ? "…" : "~"; }

// As many as there is room for, at least the beginning of the first; whether there are more is always said.
std::string about_text(const ProgramRow &row, std::size_t room, bool utf8) {
  if (room < kLeastRoom) return "";
  std::string text;
  for (std::size_t at = 0; at < row.about.size(); ++at) {
    const auto &[word, runs] = row.about[at];
    const bool counts = runs > 1 && (row.about.size() > 1 || runs != row.runs);
    const std::string piece =
        (at > 0 ? ", " : "") + printable(word) + (counts ? fmt::format(" {}x", runs) : "");
    const std::size_t left = row.about.size() - at;
    const std::string rest = fmt::format(", {} more", left - 1);
    const std::size_t needed = display_width(text + piece) + (left > 1 ? rest.size() : 0);
    if (needed > room && at > 0) return text + fmt::format(", {} more", left);
    if (needed > room && left > 1)
      return cut_lines(printable(word), static_cast<int>(room) - 3, utf8) + ", " + ending(utf8);
    if (needed > room) return cut_lines(piece, static_cast<int>(room), utf8);
    text += piece;
  }
  return cut_lines(text, static_cast<int>(room), utf8);
}

std::string note_text(const ProgramRow &row, const OwnHeaps &own_heaps) {
  const auto reason = own_heaps.find(row.executable);
  const std::string share = bytes(row.beyond_malloc_bytes) + " of its RSS ";
  if (reason == own_heaps.end()) return share + "are no blocks: mmap, or pages its allocator holds";
  return share + "are not malloc's: " + printable(reason->second);
}

// Of a range the middle, as in all tables.
std::string peak_cell(const ProgramRow &row) {
  const bool known = bytes(row.peak_bytes - row.peak_error_bytes) == bytes(row.peak_bytes);
  return (known ? "" : "~") + bytes(row.peak_bytes - row.peak_error_bytes / 2);
}

std::vector<std::string> cells(const ProgramRow &row, bool utf8) {
  return {cut_lines(printable(row.name), kLongestName, utf8),
          format::grouped(row.runs),
          bytes(row.allocated_bytes),
          row.allocations < 100'000 ? format::grouped(row.allocations)
                                    : format::count(static_cast<double>(row.allocations)),
          peak_cell(row),
          row.rss_peak_bytes == 0 ? "-" : bytes(row.rss_peak_bytes),
          row.cpu_seconds ? format::duration(*row.cpu_seconds) : "-"};
}

// Those that have no row of their own.
ProgramRow others_of(const Tree &tree) {
  ProgramRow sum;
  for (std::size_t at = kMostRows; at < tree.programs.size(); ++at) {
    const ProgramRow &each = tree.programs[at];
    sum.runs += each.runs;
    add_up(sum.allocations, each.allocations);
    add_up(sum.allocated_bytes, each.allocated_bytes);
    if (each.peak_bytes >= sum.peak_bytes) {
      sum.peak_bytes = each.peak_bytes;
      sum.peak_error_bytes = each.peak_error_bytes;
    }
    sum.rss_peak_bytes = std::max(sum.rss_peak_bytes, each.rss_peak_bytes);
    if (!each.cpu_seconds) sum.cpu_seconds.reset();
    if (sum.cpu_seconds) *sum.cpu_seconds += *each.cpu_seconds;
  }
  sum.name = fmt::format("({} others)", tree.programs.size() - kMostRows);
  return sum;
}

std::vector<ProgramRow> rows_of(const Tree &tree) {
  if (tree.programs.size() <= kMostRows + 1) return tree.programs;
  std::vector<ProgramRow> rows(tree.programs.begin(), tree.programs.begin() + kMostRows);
  rows.push_back(others_of(tree));
  return rows;
}

std::string processes_text(const Tree &tree) {
  std::string text = fmt::format("{:>10} metered, of {}", format::grouped(tree.processes),
                                 format::counted(tree.programs.size(), "program"));
  if (tree.unreported > 0)
    text += fmt::format("; of {} only a last reading", format::grouped(tree.unreported));
  return text;
}

std::string rate(std::uint64_t amount, double seconds, bool of_bytes) {
  if (seconds < 0.1) return "";
  const double each = static_cast<double>(amount) / seconds;
  return fmt::format(", {}/s", of_bytes ? format::bytes(each) : format::count(each));
}

}  // namespace

std::string when_text(double from, double to, double whole) {
  if (to - from <= std::max(0.1, whole / 20)) return "highest after " + format::duration(to);
  return fmt::format("highest between {} and {}", format::duration(from), format::duration(to));
}

std::string shape_line(const Shape &shape, double seconds, int columns, bool utf8) {
  constexpr std::size_t kLeast = 3;
  if (shape.moments().size() < kLeast) return "";
  const int wanted = std::min(columns, static_cast<int>(shape.moments().size()));
  const Graph graph = shape.graph(seconds, wanted);
  GraphRange range = range_of(graph);
  range.low = 0;
  return sparkline(graph, range, utf8);
}

std::string tree_rows(const Tree &tree, double wall_seconds, const Paint &paint) {
  const auto row = [&](const char *label, const std::string &text) { return labelled(paint, label, text); };
  const auto traffic = [&](std::uint64_t amount, std::uint64_t calls, const char *noun) {
    return fmt::format("{:>10} in {}{}{}", bytes(amount), format::counted(calls, noun),
                       rate(amount, wall_seconds, true), rate(calls, wall_seconds, false));
  };
  std::string text = row("processes", processes_text(tree));
  text += row("allocated", traffic(tree.sum.allocated_bytes, tree.sum.allocations, "allocation"));
  text += row("freed", traffic(tree.sum.freed_bytes, tree.sum.frees, "free"));
  // Each at a moment of its own, so that it may be more than they ever had together.
  text += row("live at exit", fmt::format("{:>10} in {}, of each at its own", bytes(tree.sum.live_bytes),
                                          format::counted(tree.sum.live_blocks, "block")));
  const std::string least = bytes(tree.together_least), most = bytes(tree.together_most);
  text += row("peak together", fmt::format("{:>10}{}", least, least == most ? "" : " to " + most));
  if (tree.sum.failures > 0)
    text += row("failures", fmt::format("{:>10}", format::grouped(tree.sum.failures)));
  if (tree.forks_unknown)
    text += row("", "some were forked without their handlers: their parents' calls may be in twice");
  return text;
}

std::string program_table(const Tree &tree, const OwnHeaps &own_heaps, const Paint &paint, const Page &page) {
  constexpr std::string_view kIndent = "  ";
  const std::vector<ProgramRow> rows = rows_of(tree);
  Table table({{"PROGRAM", Align::kLeft}, {"RUNS"}, {"ALLOCATED"}, {"ALLOCS"}, {"PEAK"}, {"RSS"}, {"CPU"}});
  for (const ProgramRow &row : rows) table.add(cells(row, page.utf8));
  const std::string header = table.header();
  const std::size_t used = kIndent.size() + display_width(header) - 1 + 2;
  const std::size_t width = page.width > 0 ? static_cast<std::size_t>(page.width) : 80;
  const std::size_t room = width - std::min(width, used);
  std::string text = std::string(kIndent) + paint.title(header.substr(0, header.size() - 1)) + "\n";
  std::istringstream lines(table.rows());
  std::size_t at = 0;
  for (std::string line; std::getline(lines, line); ++at) {
    const std::string about = about_text(rows[at], room, page.utf8);
    text += std::string(kIndent) + line + (about.empty() ? "" : "  " + paint.dim(about)) + "\n";
    if (rows[at].beyond_malloc_bytes == 0) continue;
    for (const std::string &part :
         wrapped("! " + note_text(rows[at], own_heaps), static_cast<int>(width) - 6, "  "))
      text += "    " + part + "\n";
  }
  return text;
}

// A name that is plain stays; any other is between backticks, where nothing is markup but those, and in a
// table the bar.
std::string markdown_name(std::string name) {
  const auto plain = [](unsigned char letter) {
    return letter >= 0x80 || std::isalnum(letter) != 0 || std::strchr("._-+", letter) != nullptr;
  };
  const bool begins_as_name = !name.empty() && std::isalnum(static_cast<unsigned char>(name.front())) != 0;
  if (begins_as_name && !name.ends_with('_') && std::all_of(name.begin(), name.end(), plain)) return name;
  std::replace(name.begin(), name.end(), '`', '\'');
  for (std::size_t at = 0; (at = name.find('|', at)) != name.npos; at += 2) name.insert(at, "\\");
  return "`" + name + "`";
}

std::string program_markdown(const Tree &tree) {
  std::string text =
      "| program | runs | allocated | allocations | peak | RSS | CPU |\n|---|--:|--:|--:|--:|--:|--:|\n";
  for (const ProgramRow &row : rows_of(tree)) {
    auto each = cells(row, true);
    if (row.runs > 0) each.front() = markdown_name(each.front());
    for (const std::string &cell : each) text += "| " + cell + " ";
    text += "|\n";
  }
  return text;
}

}  // namespace heapmeter::cli
