// SPDX-License-Identifier: MIT
#include "report/text_view.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "report/moment_text.h"
#include "text/fit.h"
#include "text/format.h"
#include "text/sparkline.h"
#include "text/table.h"

namespace heapmeter::cli::report {
namespace {

constexpr std::size_t kRows = 20, kNamesInAFold = 6;
constexpr double kWorthSaying = 0.8;
constexpr int kFigure = 8;  // as long as "1023 MiB"
constexpr int kWide = 120;  // so that all columns leave room for what there is to say

std::string bytes(std::uint64_t amount) { return format::bytes(static_cast<double>(amount)); }

std::string shortened(const std::string &text, std::size_t cells) {
  return cut_lines(text, static_cast<int>(cells), false);
}

const char *limit_word(record::LimitKind kind) {
  return kind == record::kGroup          ? "its control group's limit"
         : kind == record::kAddressSpace ? "its limit of address space"
         : kind == record::kDataSize     ? "its limit of data"
                                         : "the machine's memory";
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

// The whole recording is as wide as the graph, so that lines below each other are of the same time.
Graph graph_of(const Story &story, const Life &life, int columns) {
  Graph graph(static_cast<std::size_t>(columns));
  const double span = static_cast<double>(std::max<std::int64_t>(1, story.until_ms - story.from_ms));
  const auto column_of = [&](std::int64_t time) {
    const double part = static_cast<double>(time - story.from_ms) / span;
    return std::min(graph.size() - 1, static_cast<std::size_t>(part * static_cast<double>(graph.size())));
  };
  std::optional<std::size_t> before;
  for (const Point &point : life.points) {
    const std::size_t column = column_of(point.time_ms);
    // Old moments may be further apart than columns.
    for (std::size_t at = before.value_or(column) + 1; at < column; ++at) graph[at] = graph[*before];
    auto &cell = graph[column];
    cell = std::max(cell.value_or(0), static_cast<double>(point.most_bytes));
    before = column;
  }
  return graph;
}

std::string heading(const Story &story, const Look &look) {
  std::string text;
  for (const std::string &line : wrapped(title_of(story), look.columns))
    text += look.paint.title(line) + "\n";
  for (const Note &note : notes_of(story)) {
    for (const std::string &line : wrapped((note.is_alarm ? "! " : "") + note.text, look.columns))
      text += line + "\n";
  }
  return text;
}

class View {
 public:
  View(const Story &story, const Look &look) : story_(story), look_(look) {
    wide_ = look.columns >= kWide;
    name_ = wide_ ? 26 : 20;
    graph_ = look.columns >= 160 ? 60 : wide_ ? 24 : 14;
  }

  std::string rows(const std::vector<Told> &lives) const {
    std::vector<Column> columns = {{"PROCESS", Align::kLeft}, {"LIVE OVER TIME", Align::kLeft}};
    if (wide_) columns.insert(columns.end(), {{"LEAST"}, {"MOST"}});
    columns.push_back({"AT END"});
    columns.push_back({"RSS"});
    columns.push_back({"", Align::kLeft});
    Table table(columns);
    for (const Told &each : lives) add_rows(table, each);
    return look_.paint.title(table.header()) + table.rows();
  }

 private:
  // What there is to say goes on below itself.
  void add_rows(Table &table, const Told &told) const {
    const Life &life = *told.life;
    const Graph graph = graph_of(story_, life, graph_);
    const std::string pid = fmt::format(" ({})", life.process.pid);
    std::vector<std::string> row = {
        shortened(printable(life.process.name), static_cast<std::size_t>(name_) - pid.size()) + pid,
        sparkline(graph, range_of(graph), look_.utf8)};
    if (wide_) row.insert(row.end(), {bytes(life.least_bytes), bytes(life.most_bytes)});
    row.push_back(bytes(life.last[record::k_live_bytes]));
    row.push_back(bytes(life.last[record::k_rss_bytes]));
    const std::size_t before = row.size();
    for (const std::string &line : wrapped(what_of(told), look_.columns - taken())) {
      row.push_back(line);
      table.add(std::exchange(row, std::vector<std::string>(before)));
    }
  }

  // Columns of the screen before that, each with two between it and the next.
  int taken() const { return name_ + graph_ + 4 + (wide_ ? 4 : 2) * (kFigure + 2); }

  const Story &story_;
  const Look &look_;
  bool wide_ = false;
  int name_ = 0, graph_ = 0;
};

// "prefork 18, bash 2 and 3 others"
std::string names_of(const std::vector<Told> &lives) {
  std::map<std::string, std::size_t> count;
  for (const Told &each : lives) ++count[printable(each.life->process.name)];
  std::vector<std::pair<std::size_t, std::string>> order;
  for (const auto &[name, times] : count) order.emplace_back(times, name);
  std::sort(order.begin(), order.end(), [](const auto &a, const auto &b) {
    return std::tie(b.first, a.second) < std::tie(a.first, b.second);
  });
  std::string text;
  std::size_t others = 0;
  for (std::size_t at = 0; at < order.size(); ++at) {
    if (at >= kNamesInAFold) {
      others += order[at].first;
      continue;
    }
    text += (text.empty() ? "" : ", ") + order[at].second +
            (order[at].first > 1 ? fmt::format(" {}", order[at].first) : "");
  }
  return others > 0 ? text + fmt::format(" and {} more", others) : text;
}

bool is_unjudged(const Told &told) { return told.course.shape == Shape::kTooShort; }

std::uint64_t count_unjudged(const std::vector<Told> &lives) {
  return static_cast<std::uint64_t>(std::count_if(lives.begin(), lives.end(), is_unjudged));
}

// Of whom it is not known whether they grew, and why.
std::string unjudged_line(const std::vector<Told> &lives) {
  const std::uint64_t unjudged = count_unjudged(lives);
  if (unjudged == 0) return "";
  const auto ended = std::count_if(lives.begin(), lives.end(), [](const Told &each) {
    return is_unjudged(each) && each.life->ended_ms != 0;
  });
  std::string text = fmt::format("Whether {} grew is not known: read fewer than {} times",
                                 unjudged == lives.size() && unjudged > 1 ? "any of them"
                                 : unjudged == lives.size()               ? "it"
                                 : unjudged == 1                          ? "1 of them"
                                                 : format::grouped(unjudged) + " of them",
                                 verdicts::kLeastReadings);
  if (ended > 0)
    text += static_cast<std::uint64_t>(ended) == unjudged
                ? fmt::format(", then {} ended", unjudged == 1 ? "it" : "they")
                : fmt::format("; {} of these ended", ended);
  return text + ".";
}

// What nobody needs to look at, and what cannot be told.
std::string last_words(const std::vector<Told> &lives, bool any_outstanding, int columns) {
  const std::uint64_t unjudged = count_unjudged(lives);
  std::string text;
  if (!any_outstanding) {
    const std::string grew = unjudged == 0 ? "Nothing grew, nothing"
                             : unjudged == lives.size()
                                 ? "Nothing"
                                 : fmt::format("None of the {} that were judged grew, nothing",
                                               format::grouped(lives.size() - unjudged));
    text = grew + " ended for want of memory, no wrong calls.";
  }
  const std::string unknown = unjudged_line(lives);
  if (!unknown.empty()) text += (text.empty() ? "" : " ") + unknown;
  if (text.empty()) return "";
  std::string lines = "\n";
  for (const std::string &line : wrapped(text, columns)) lines += line + "\n";
  return lines;
}

std::string folded(const std::vector<Told> &lives, int columns) {
  if (lives.empty()) return "";
  std::uint64_t live = 0;
  for (const Told &each : lives) live += each.life->ended_ms == 0 ? each.life->last[record::k_live_bytes] : 0;
  const bool one = lives.size() == 1;
  const std::uint64_t unjudged = count_unjudged(lives);
  const std::string what =
      unjudged == lives.size() ? (one ? "that was not judged" : "that were not judged")
      : unjudged > 0 ? fmt::format("that do not grow, or were not judged ({})", format::grouped(unjudged))
                     : (one ? "that does not grow" : "that do not grow");
  const std::string line = fmt::format("{} more {}, {} live at the end: {}; --all shows them", lives.size(),
                                       what, bytes(live), names_of(lives));
  std::string text;
  for (const std::string &each : wrapped(line, columns, "  ")) text += each + "\n";
  return text;
}

std::string signed_bytes(double amount) { return (amount >= 0 ? "+" : "") + format::bytes(amount); }

std::string code_lines(const Told &told, const Look &look) {
  const Life &life = *told.life;
  if (told.code.too_long)
    return fmt::format("\n{} by code: its call stacks are too long to be named\n",
                       look.paint.title(life.label()));
  if (told.code.lines.empty()) return "";
  const auto ms = [](double seconds) { return static_cast<std::int64_t>(1000 * seconds); };
  std::string text = "\n" + look.paint.title(life.label()) + " ";
  text += told.code.is_change ? fmt::format("by code, from {} to {}:\n", clock_text(ms(told.code.from)),
                                            clock_text(ms(told.code.until)))
                              : fmt::format("by code, held at {}:\n", clock_text(ms(told.code.until)));
  for (const CodeLine &line : told.code.lines) {
    const std::string amount = told.code.is_change ? signed_bytes(line.bytes) : format::bytes(line.bytes);
    text += fmt::format("  {:>10}  {}\n", amount,
                        shortened(line.place, static_cast<std::size_t>(std::max(20, look.columns - 14))));
  }
  return text;
}

std::string end_lines(const Told &told, int columns) {
  const Life &life = *told.life;
  if (!ended_for_memory(life)) return "";
  std::string text = fmt::format("! {} ended at {}", life.label(), day_text(life.ended_ms));
  if (life.kills > 0) text += ", in the moment of an OOM kill";
  text += fmt::format("; it held {} live, RSS {}", bytes(life.last[record::k_live_bytes]),
                      bytes(life.last[record::k_rss_bytes]));
  if (life.near_limit_bytes > 0)
    text += fmt::format("; {} used up to {} of {}", limit_word(life.near_kind), percent(life.near_share()),
                        bytes(life.near_limit_bytes));
  std::string lines = "\n";
  for (const std::string &line : wrapped(text, columns, "  ")) lines += line + "\n";
  return lines;
}

}  // namespace

std::string what_of(const Told &told) {
  const Life &life = *told.life;
  std::string what;
  const auto add = [&](const std::string &words) { what += (what.empty() ? "" : "; ") + words; };
  if (ended_for_memory(life))
    add(fmt::format("ended {}{}", clock_text(life.ended_ms),
                    life.kills > 0 ? " as the OOM killer struck" : " near its limit"));
  if (told.course.grows() || what.empty()) add(words_of(told.course));
  if (life.ended_ms != 0 && !ended_for_memory(life)) add("ended " + clock_text(life.ended_ms));
  if (life.near_share() >= kWorthSaying && !ended_for_memory(life))
    add(fmt::format("{} of {}", percent(life.near_share()), limit_word(life.near_kind)));
  if (life.wrong_calls() > 0) add(format::counted(life.wrong_calls(), "wrong call"));
  return what;
}

bool stands_out(const Told &told) {
  const Life &life = *told.life;
  return told.course.grows() || ended_for_memory(life) || life.wrong_calls() > 0 ||
         (life.near_share() >= kWorthSaying && life.near_kind != record::kMachine);
}

std::string title_of(const Story &story) {
  if (story.rounds == 0) return printable(story.file) + ": nothing is recorded in it";
  std::string hosts;
  for (const std::string &host : story.hosts) hosts += (hosts.empty() ? " on " : ", ") + printable(host);
  return fmt::format("{}: {}{}, {} ({})", printable(story.file),
                     story.lives.size() == 1 ? "1 process" : fmt::format("{} processes", story.lives.size()),
                     hosts, span_text(story.from_ms, story.until_ms),
                     format::duration(static_cast<double>(story.until_ms - story.from_ms) / 1000));
}

std::vector<Note> notes_of(const Story &story) {
  std::vector<Note> notes;
  if (story.rounds > 0)
    notes.push_back(
        {fmt::format("{} of processes, one every {}; {}", format::counted(story.readings, "reading"),
                     format::duration(static_cast<double>(story.interval_ms) / 1000),
                     bytes(story.file_bytes)),
         false});
  if (story.being_recorded) {
    notes.push_back({"It is being recorded to.", false});
  } else if (story.torn_bytes > 0) {
    notes.push_back({fmt::format("Its last {} are not whole (its recorder was killed), and left out.",
                                 format::counted(story.torn_bytes, "byte")),
                     false});
  }
  if (story.damaged_bytes > 0)
    notes.push_back({fmt::format("{} in it are damaged: readings are missing there.",
                                 format::counted(story.damaged_bytes, "byte")),
                     true});
  if (!story.clock_sets.empty()) {
    const ClockSet &last = story.clock_sets.back();
    notes.push_back(
        {fmt::format("The clock was set {}{} by {} at {}: all times here are by the clock as it was at last.",
                     story.times_set > 1 ? format::counted(story.times_set, "time") + ", at last " : "",
                     last.by_ms < 0 ? "back" : "forward",
                     format::duration(std::fabs(static_cast<double>(last.by_ms)) / 1000),
                     day_text(last.at_ms)),
         false});
  }
  if (story.kills > 0)
    notes.push_back({fmt::format("The kernel killed {} for want of memory meanwhile.",
                                 story.kills == 1 ? "1 process" : fmt::format("{} processes", story.kills)),
                     true});
  return notes;
}

bool wants_code(const Told &told) { return told.course.grows() || ended_for_memory(*told.life); }

std::vector<Told> told(const Story &story) {
  std::vector<Told> all;
  for (const Life &life : story.lives) all.push_back({&life, course_of(life), {}});
  const auto order = [](const Told &each) {
    return std::tuple(!ended_for_memory(*each.life), !each.course.grows(), !stands_out(each),
                      each.course.grows() ? -each.course.bytes_a_second() : 0.0, ~each.life->most_bytes);
  };
  std::stable_sort(all.begin(), all.end(), [&](const Told &a, const Told &b) { return order(a) < order(b); });
  return all;
}

std::string text(const Story &story, const std::vector<Told> &lives, const Look &look) {
  std::string text = heading(story, look);
  if (lives.empty()) return text + (story.rounds > 0 ? "No metered process was there.\n" : "");
  std::vector<Told> shown, rest;
  const auto outstanding = static_cast<std::size_t>(std::count_if(lives.begin(), lives.end(), stands_out));
  // A few that do not stand out are shown for themselves: folding one says no less than showing it.
  const std::size_t rows = std::max(std::min(outstanding, kRows), std::min<std::size_t>(lives.size(), 8));
  for (const Told &each : lives) (look.all || shown.size() < rows ? shown : rest).push_back(each);
  text += "\n" + View(story, look).rows(shown);
  text += folded(rest, look.columns);
  for (const Told &each : shown) text += end_lines(each, look.columns) + code_lines(each, look);
  return text + last_words(lives, outstanding > 0, look.columns);
}

}  // namespace heapmeter::cli::report
