// SPDX-License-Identifier: MIT
#include "text/fit.h"

#include <algorithm>
#include <iterator>

#include "text/letter_columns.h"
#include "text/utf8.h"

namespace heapmeter::cli {
namespace {

constexpr int kLeastRoom = 20;

struct Piece {
  std::size_t bytes = 1;
  int columns = 1;
};

// A letter, or what paints those behind it.
Piece first_piece(std::string_view text) {
  if (text.starts_with("\x1b[")) {
    const std::size_t end = text.find('m');
    if (end != text.npos) return {end + 1, 0};
  }
  const Utf8Letter letter = first_letter(text);
  return letter.bytes == 0 ? Piece{} : Piece{letter.bytes, static_cast<int>(letter_columns(letter.code))};
}

std::string cut(std::string_view line, int width, bool utf8) {
  int used = 0;
  std::size_t fits = 0;
  for (std::size_t at = 0; at < line.size();) {
    const Piece piece = first_piece(line.substr(at));
    used += piece.columns;
    if (used > width) {
      const std::string plain = line.find('\x1b') == line.npos ? "" : "\x1b[0m";
      return std::string(line.substr(0, fits)) + plain + (utf8 ? "…" : "~");
    }
    at += piece.bytes;
    if (used < width) fits = at;
  }
  return std::string(line);
}

// How much of it goes into so many columns: up to a blank behind the first ones, or else all that fits.
std::size_t fitting(std::string_view line, int width, int first) {
  int used = 0;
  std::size_t blank = 0, at = 0;
  while (at < line.size()) {
    const Piece piece = first_piece(line.substr(at));
    if (line[at] == ' ' && used > first && !is_within_figure(line, at)) blank = at;
    used += piece.columns;
    if (used > width) return blank != 0 ? blank : std::max<std::size_t>(at, 1);
    at += piece.bytes;
  }
  return line.size();
}

std::string folded(std::string_view line, int width, int indent) {
  const int hang = std::clamp(indent, 0, std::max(width - kLeastRoom, 0));
  std::string text;
  for (int room = width, first = hang;; room = width - hang, first = 0) {
    const std::size_t end = fitting(line, room, first);
    text += line.substr(0, end);
    line.remove_prefix(std::min(line.find_first_not_of(' ', end), line.size()));
    if (line.empty()) return text;
    text.erase(text.find_last_not_of(' ') + 1);
    text += "\n" + std::string(static_cast<std::size_t>(hang), ' ');
  }
}

template <typename Fit>
std::string each_line(std::string_view text, int width, Fit fit) {
  if (width <= 0) return std::string(text);
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines += fit(text.substr(0, end));
    if (end < text.size()) lines += "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

bool is_within_figure(std::string_view text, std::size_t blank) {
  constexpr std::string_view kUnits[] = {"B",  "KiB", "MiB", "GiB",   "TiB",   "s",
                                         "ms", "%",   "B/s", "KiB/s", "MiB/s", "GiB/s"};
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  if (blank == 0 || blank + 1 >= text.size() || text[blank] != ' ') return false;
  std::string_view next = text.substr(blank + 1);
  next = next.substr(0, next.find_first_of(" \n"));
  next = next.substr(0, next.find_last_not_of(".,;:)") + 1);
  return is_digit(text[blank - 1]) &&
         std::find(std::begin(kUnits), std::end(kUnits), next) != std::end(kUnits);
}

std::string cut_lines(std::string_view text, int width, bool utf8) {
  return each_line(text, width, [&](std::string_view line) { return cut(line, width, utf8); });
}

std::string folded_lines(std::string_view text, int width, int indent) {
  return each_line(text, width, [&](std::string_view line) { return folded(line, width, indent); });
}

std::string folded_rows(const std::string &header, std::string_view rows, int width) {
  constexpr int kHang = 2;
  const std::size_t gap = header.rfind("  ");
  const auto last = gap == header.npos ? 0 : static_cast<int>(gap) + 2;
  return folded_lines(rows, width, last + kHang);
}

}  // namespace heapmeter::cli
