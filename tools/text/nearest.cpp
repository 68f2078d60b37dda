// SPDX-License-Identifier: MIT
#include "text/nearest.h"

#include <algorithm>

namespace heapmeter::cli {
namespace {

constexpr std::size_t kLongest = 64;  // no word of ours is longer, and the effort grows by the square

std::size_t changes(std::string_view from, std::string_view to) {
  std::vector<std::size_t> before(to.size() + 1), last(to.size() + 1), row(to.size() + 1);
  for (std::size_t column = 0; column <= to.size(); ++column) last[column] = column;
  for (std::size_t at = 1; at <= from.size(); ++at) {
    row[0] = at;
    for (std::size_t column = 1; column <= to.size(); ++column) {
      const bool same = from[at - 1] == to[column - 1];
      row[column] = std::min({last[column] + 1, row[column - 1] + 1, last[column - 1] + (same ? 0 : 1)});
      const bool swapped =
          at > 1 && column > 1 && from[at - 1] == to[column - 2] && from[at - 2] == to[column - 1];
      if (swapped) row[column] = std::min(row[column], before[column - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[to.size()];
}

// So many changes make a word another one; of an option the dashes are no letters.
std::size_t too_many(std::string_view word) {
  const std::size_t letters = word.size() - std::min(word.find_first_not_of('-'), word.size());
  return letters < 3 ? 0 : letters < 5 ? 2 : letters < 9 ? 3 : 4;
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string> &known) {
  std::size_t least = too_many(word);
  if (least == 0 || word.size() > kLongest) return "";
  std::string best;
  for (const std::string &each : known) {
    const std::size_t count = each.size() > kLongest ? least : changes(word, each);
    if (count >= least) continue;
    least = count;
    best = each;
  }
  if (!best.empty()) return best;
  const auto begins = [&](const std::string &each) { return each.starts_with(word); };
  const auto first = std::find_if(known.begin(), known.end(), begins);
  if (first == known.end() || std::find_if(first + 1, known.end(), begins) != known.end()) return "";
  return *first;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string> &known) {
  const std::string meant = nearest(word, known);
  return meant.empty() ? ";" : "; did you mean " + meant + "?";
}

}  // namespace heapmeter::cli
