// SPDX-License-Identifier: MIT
#include "top/verdict_panel.h"

#include <algorithm>

#include "text/terminal.h"
#include "verdicts/judge.h"

namespace heapmeter::cli::tui {
namespace {

std::string place_of(const CodeRow &row) {
  return row.caller.empty() ? row.function : row.function + " < " + row.caller;
}

// What grew since the first look, most first.
std::vector<verdicts::Code> growing(const Code &code) {
  std::vector<verdicts::Code> all;
  for (const CodeRow &row : code.rows) {
    if (row.change > 0) all.push_back({place_of(row), static_cast<double>(row.change), 0});
  }
  std::stable_sort(all.begin(), all.end(), [](const auto &a, const auto &b) { return a.bytes > b.bytes; });
  return all;
}

Style style_of(const verdicts::Verdict &verdict) { return verdict.alarm() ? Style::kAlarm : Style::kPlain; }

}  // namespace

std::vector<verdicts::Verdict> judged(const Row &row, const Inspection &inspection) {
  verdicts::Observed observed;
  observed.ended = row.ended;
  observed.series = row.watched.series();
  if (row.member.reading) observed.reading = *row.member.reading;
  observed.account = inspection.account;
  observed.classes_before = inspection.first_sizes();
  observed.classes = inspection.last_sizes();
  observed.owners = inspection.owners;
  observed.limits = inspection.limits;
  if (inspection.code) observed.growing = growing(*inspection.code);
  return verdicts::judge(observed);
}

void draw_verdict(Canvas &canvas, int y, const std::vector<verdicts::Verdict> &verdicts, bool utf8) {
  const verdicts::Verdict &first = verdicts.front();
  const int x = canvas.put(0, y, "verdict", Style::kDim) + 1;
  const bool usual = first.kind == verdicts::Kind::k_nothing_unusual;
  const std::string words =
      usual && !first.evidence.empty() ? first.words + ": " + first.evidence : first.words;
  canvas.put(x, y, shortened(printable(words), canvas.width() - x, utf8), style_of(first));
}

Canvas verdict_panel(const std::vector<verdicts::Verdict> &verdicts, const PanelLook &look) {
  std::vector<TextLine> lines;
  for (const verdicts::Verdict &each : verdicts) {
    if (each.kind == verdicts::Kind::k_watch_longer && verdicts.size() > 1) continue;
    lines.push_back({printable(each.words), style_of(each)});
    if (!each.evidence.empty()) lines.push_back({printable(each.evidence), Style::kDim});
    if (!each.limit.empty()) lines.push_back({"but " + printable(each.limit), Style::kDim});
  }
  return text_panel(look.width, "VERDICTS", lines);
}

}  // namespace heapmeter::cli::tui
