// SPDX-License-Identifier: MIT
//
// Texts that have to fit into so many columns, 0 being as many as they like; pure. What paints them takes no
// room, and a letter that is two wide is not taken for one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace heapmeter::cli {

// Whether the blank there stands between a number and its unit: a line does not end so.
bool is_within_figure(std::string_view text, std::size_t blank);
// Each line ends where it must, by "…" (or "~").
std::string cut_lines(std::string_view text, int width, bool utf8);
// Each line that is longer goes on below, from a blank on where there is one, behind so many columns: of
// those it loses none, be it a label, or figures beside words.
std::string folded_lines(std::string_view text, int width, int indent);
// The rows of a table whose last column is of words: these go on below themselves.
std::string folded_rows(const std::string &header, std::string_view rows, int width);
// What labelled() labels begins behind so many.
constexpr int kLabelled = 17;

}  // namespace heapmeter::cli
