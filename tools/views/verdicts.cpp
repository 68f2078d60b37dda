// SPDX-License-Identifier: MIT
#include "views/verdicts.h"

#include <algorithm>
#include <climits>

#include <boost/json/object.hpp>

#include "text/table.h"
#include "views/reading.h"

namespace heapmeter::cli {
namespace {

constexpr int kIndent = 17, kLeastWidth = 20;  // of what labelled() labels

}  // namespace

std::string verdicts_text(const std::vector<verdicts::Verdict> &verdicts, const Paint &paint, int columns) {
  const int width = columns == 0 ? INT_MAX : std::max(columns - kIndent, kLeastWidth);
  std::string text, label = "verdict";
  const auto add = [&](const std::string &words, int indent, auto style) {
    for (const std::string &line : wrapped(printable(words), width - indent)) {
      text += labelled(paint, label, std::string(static_cast<std::size_t>(indent), ' ') + style(line));
      label.clear();
    }
  };
  const auto dim = [&](const std::string &line) { return paint.dim(line); };
  const auto told = [&](const verdicts::Verdict &each) {
    return
        [&](const std::string &line) { return is_alarm(each.kind) ? paint.alarm(line) : paint.title(line); };
  };
  for (const verdicts::Verdict &each : verdicts) {
    if (each.kind == verdicts::Kind::k_watch_longer) {
      // What is usual so far has said so itself.
      if (verdicts.front().kind != verdicts::Kind::k_nothing_unusual)
        add(each.words + "; " + each.limit, 0, dim);
      continue;
    }
    add(each.words, 0, told(each));
    if (!each.evidence.empty()) add(each.evidence, 2, dim);
    if (!each.limit.empty()) add("but " + each.limit, 2, dim);
  }
  return text;
}

boost::json::array to_json(const std::vector<verdicts::Verdict> &verdicts) {
  boost::json::array all;
  for (const verdicts::Verdict &each : verdicts) {
    boost::json::object figures;
    for (const auto &[name, value] : each.figures) figures[name] = value;
    all.push_back(boost::json::object{{"kind", code(each.kind)},
                                      {"alarm", is_alarm(each.kind)},
                                      {"words", each.words},
                                      {"evidence", each.evidence},
                                      {"limit", each.limit},
                                      {"figures", std::move(figures)}});
  }
  return all;
}

}  // namespace heapmeter::cli
