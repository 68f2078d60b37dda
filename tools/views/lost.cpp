// SPDX-License-Identifier: MIT
#include "views/lost.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "text/fit.h"
#include "text/format.h"
#include "text/table.h"
#include "text/terminal.h"
#include "views/lost_heading.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr int kWidth = 120;  // of sentences, where there is no terminal
constexpr int kRoomForExamples = 100;

std::string range(std::uint64_t least, std::uint64_t most) {
  return least == most ? format::grouped(most) : format::grouped(least) + "-" + format::grouped(most);
}

std::string place(const symbols::Frame &frame) {
  const std::string name = !frame.function.empty()
                               ? frame.function
                               : fmt::format("{}+{:#x}", frame.module, symbols::place_without_name(frame));
  if (frame.file.empty()) return printable(name);
  const auto slash = frame.file.rfind('/');
  const std::string file = slash == std::string::npos ? frame.file : frame.file.substr(slash + 1);
  return printable(fmt::format("{}  {}:{}", name, file, frame.line));
}

std::string what(const lost::NamedRow &row) {
  if (!row.frames.empty()) return place(row.frames.front());
  return fmt::format("{} of {}", row.row.family.empty() ? "blocks" : row.row.family,
                     format::counted(row.row.block_bytes, "byte"));
}

// "68 65 6c 6c 6f  hello"
std::string dump(const std::string &bytes) {
  std::string hexadecimal, letters;
  for (const char letter : bytes) {
    hexadecimal += fmt::format("{:02x} ", static_cast<unsigned char>(letter));
    letters += letter >= ' ' && letter <= '~' ? letter : '.';
  }
  return hexadecimal + " " + letters;
}

// Of this row, or null.
const std::string *contents_of(const LostView &view, const lost::NamedRow &row) {
  if (!view.contents) return nullptr;
  const auto found = view.contents->find(row.row.example);
  return found == view.contents->end() ? nullptr : &found->second;
}

std::string heading(const std::string &target, const LostView &view, const Units &units) {
  const lost::Sum all = sum(view.look);
  if (all.blocks == 0) {
    return fmt::format("{}: no block{} was found that nothing points at, of {}, {}", target,
                       view.suppressed.all.blocks == 0 ? "" : " but suppressed ones",
                       format::counted(view.look.live_blocks, "live block"),
                       units.bytes(view.look.live_bytes));
  }
  return fmt::format("{}: {}; of {}, {}", target, lost_words(all, units),
                     format::counted(view.look.live_blocks, "live block"), units.bytes(view.look.live_bytes));
}

std::string of_registers(const ReadRegisters &read) {
  std::string text = read.threads == 0 ? std::string("No registers could be read.")
                                       : fmt::format("Registers of {} were read, which stood still for {}.",
                                                     format::counted(read.threads, "thread"),
                                                     format::duration(read.stopped_seconds));
  if (read.left_out != 0)
    text +=
        fmt::format(" {} left alone: in a call that a stop would have ended, or not to be stopped.",
                    read.left_out == 1 ? "1 thread was" : format::counted(read.left_out, "thread") + " were");
  if (read.others_came)
    text +=
        " Its threads made others as fast as these were stopped, until that was given up: so in doubt is "
        "what "
        "it would be without --registers, too.";
  return text;
}

// What there may be beyond what is shown.
std::vector<std::string> limits(const LostView &view, const Units &units) {
  std::vector<std::string> sentences = {
      view.apart_seconds
          ? fmt::format("Two looks, {} apart, agree on these.", format::duration(*view.apart_seconds))
          : std::string("One look: what a thread had in its hands just then is among these."),
      "Pointers that are encoded, unaligned or kept elsewhere are not seen; words that only look like "
      "pointers may "
      "hide some."};
  const auto add = [&](const std::string &sentence) { sentences.push_back(sentence); };
  if (view.registers) add(of_registers(*view.registers));
  if (const lost::Sum all = sum(view.look); all.least_blocks != all.blocks && view.look.registers != 0)
    add("A row's lower end is what is left of it if all those registers point into that row: lower ends do "
        "not "
        "add up, upper ends and BYTES do.");
  if (view.look.told_by_half != 0)
    add(fmt::format(
        "In each copy calls of its threads were half-way; in the one that was taken, {} of {} live.",
        format::counted(view.look.told_by_half, "block"), format::grouped(view.look.live_blocks)));
  if (view.look.not_looked_at_bytes != 0)
    add(fmt::format("Not looked at: {}, which could not be read: what only that holds is among these.",
                    units.bytes(view.look.not_looked_at_bytes)));
  if (!view.no_contents.empty()) add(fmt::format("Contents could not be read: {}.", view.no_contents));
  if (view.look.not_listed_blocks != 0)
    add(fmt::format("{} more did not fit the list.", format::counted(view.look.not_listed_blocks, "block")));
  if (!view.stacks_known && !view.look.blocks.empty())
    add("Where they come from is not known: 'heapmeter sites TARGET --sample every' tells it of what is "
        "allocated "
        "from then on.");
  return sentences;
}

// Those that read the same, down to the last frame that is shown, are one.
std::vector<lost::NamedRow> told_apart(const std::vector<lost::NamedRow> &rows, std::size_t depth) {
  std::vector<lost::NamedRow> apart;
  std::map<std::string, std::size_t> known;
  for (const lost::NamedRow &row : rows) {
    std::string text = what(row);
    for (std::size_t frame = 1; frame < row.frames.size() && frame < depth; ++frame)
      text += "\n" + place(row.frames[frame]);
    const auto [at, is_new] = known.try_emplace(text, apart.size());
    if (is_new) {
      apart.push_back(row);
    } else {
      apart[at->second].row.sum += row.row.sum;
    }
  }
  std::stable_sort(apart.begin(), apart.end(), [](const lost::NamedRow &a, const lost::NamedRow &b) {
    return a.row.sum.bytes > b.row.sum.bytes;
  });
  return apart;
}

// A line of its own below some lines of a table, from its left edge: beside the other columns it would not
// fit.
std::string with_notes(const std::string &lines, const std::map<std::size_t, std::string> &notes) {
  std::string text;
  std::size_t at = 0;
  for (std::size_t begin = 0; begin < lines.size(); ++at) {
    const auto end = lines.find('\n', begin) + 1;
    text += lines.substr(begin, end - begin);
    if (const auto note = notes.find(at); note != notes.end()) text += "  " + note->second + "\n";
    begin = end;
  }
  return text;
}

// Callers below what allocated.
std::string rows_text(const std::vector<lost::NamedRow> &rows, const LostView &view, const LostStyle &style) {
  std::vector<Column> columns = {{"BYTES"}, {"BLOCKS"}, {"INDIRECT"}};
  const bool with_examples = style.width == 0 || style.width >= kRoomForExamples;
  if (with_examples) columns.push_back({"EXAMPLE"});
  const std::size_t figures = columns.size();
  columns.push_back({"FROM", Align::kLeft});
  Table table(std::move(columns));
  std::map<std::size_t, std::string> contents;
  std::size_t lines = 0;
  for (std::size_t at = 0; at < rows.size() && at < style.most_rows; ++at) {
    const lost::Row &row = rows[at].row;
    std::vector<std::string> cells = {
        style.units.bytes(row.sum.bytes), range(row.sum.least_blocks, row.sum.blocks),
        row.sum.indirectly_blocks == 0 ? "-" : format::grouped(row.sum.indirectly_blocks)};
    if (with_examples) cells.push_back(fmt::format("{:#x}", row.example));
    cells.push_back(what(rows[at]));
    table.add(std::move(cells));
    ++lines;
    for (std::size_t frame = 1; frame < rows[at].frames.size() && frame < style.depth; ++frame, ++lines) {
      std::vector<std::string> below(figures);
      below.push_back("  " + place(rows[at].frames[frame]));
      table.add(std::move(below));
    }
    if (const std::string *bytes = contents_of(view, rows[at])) contents[lines - 1] = dump(*bytes);
  }
  return style.paint.title(table.header()) +
         folded_rows(table.header(), with_notes(table.rows(), contents), style.width);
}

}  // namespace

std::string in_lines(const std::string &sentence, int width) {
  std::string text;
  for (const std::string &line : wrapped(sentence, width == 0 ? kWidth : width)) text += line + "\n";
  return text;
}

std::string lost_table(const std::string &target, const LostView &view, const LostStyle &style) {
  const Units &units = style.units;
  std::string text = in_lines(heading(target, view, units), style.width);
  if (const std::string doubt = doubt_words(view.look, view.registers.has_value()); !doubt.empty())
    text += in_lines(doubt, style.width);
  if (!view.rows.empty()) {
    const std::vector<lost::NamedRow> rows = told_apart(view.rows, style.depth);
    text += rows_text(rows, view, style);
    if (rows.size() > style.most_rows)
      text += fmt::format("and {} (-n shows more)\n", format::counted(rows.size() - style.most_rows, "row"));
  }
  return text;
}

std::vector<std::string> lost_notes(const LostView &view, const LostStyle &style) {
  std::vector<std::string> notes;
  for (const std::string &sentence : limits(view, style.units))
    notes.push_back(in_lines(sentence, style.width));
  if (const std::string lines = suppressed_lines(view.suppressed, style.units); !lines.empty())
    notes.push_back(folded_lines(lines, style.width, 4));
  for (const std::string &line : view.advice) notes.push_back(in_lines(line, style.width));
  return notes;
}

std::string lost_text(const std::string &target, const LostView &view, const LostStyle &style) {
  std::string text = lost_table(target, view, style);
  for (const std::string &note : lost_notes(view, style)) text += note;
  return text;
}

boost::json::object lost_json(const LostView &view) {
  const lost::Sum all = sum(view.look);
  json::object object = {
      {"schema", 1},
      {"pid", view.look.pid},
      {"start_time", view.look.start_time},
      {"looks", view.apart_seconds ? 2 : 1},
      {"apart_seconds", view.apart_seconds ? json::value(*view.apart_seconds) : json::value(nullptr)},
      {"look_seconds", view.look.seconds},
      {"told_by_half", view.look.told_by_half},
      {"live_blocks", view.look.live_blocks},
      {"live_bytes", view.look.live_bytes},
      {"lost_blocks", all.least_blocks},
      {"lost_bytes", all.least_bytes},
      {"lost_indirectly_blocks", all.indirectly_blocks},
      {"lost_indirectly_bytes", all.indirectly_bytes},
      {"perhaps_in_registers_blocks", all.blocks - all.least_blocks},
      {"perhaps_in_registers_bytes", all.bytes - all.least_bytes},
      {"not_looked_at_bytes", view.look.not_looked_at_bytes},
      {"not_listed_blocks", view.look.not_listed_blocks},
      {"lost", lost_rows_json(view.rows)}};
  if (view.registers) {
    object["registers_read_threads"] = view.registers->threads;
    object["registers_unread_threads"] = view.registers->left_out;
    object["registers_others_came"] = view.registers->others_came;
    object["stopped_seconds"] = view.registers->stopped_seconds;
  }
  json::array &rows = object.at("lost").as_array();
  for (std::size_t at = 0; view.contents && at < rows.size(); ++at) {
    std::string hexadecimal;
    if (const std::string *bytes = contents_of(view, view.rows[at])) {
      for (const char letter : *bytes)
        hexadecimal += fmt::format("{:02x}", static_cast<unsigned char>(letter));
    }
    rows[at].as_object()["contents"] = hexadecimal;
  }
  add_suppressed_json(object, view.suppressed);
  return object;
}

}  // namespace heapmeter::cli
