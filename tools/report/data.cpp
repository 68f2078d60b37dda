// SPDX-License-Identifier: MIT
#include "report/data.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "report/code.h"
#include "report/moment_text.h"
#include "report/page_text.h"
#include "text/format.h"
#include "text/json_text.h"

namespace heapmeter::cli::report {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostMoments = 600, kMostLives = 250, kMostNames = 7;

double seconds(std::int64_t time_ms) { return static_cast<double>(time_ms) / 1000; }

// Of as many spans of time, each with the last figures in it, and the highest live.
std::vector<Point> thinned(const std::vector<Point> &points) {
  if (points.size() <= kMostMoments) return points;
  std::vector<Point> few;
  const double first = static_cast<double>(points.front().time_ms);
  const double span = (static_cast<double>(points.back().time_ms) - first) / kMostMoments;
  std::size_t last_bucket = 0;
  for (const Point &point : points) {
    const auto bucket =
        static_cast<std::size_t>((static_cast<double>(point.time_ms) - first) / std::max(span, 1.0)) + 1;
    if (bucket == last_bucket) {
      const std::uint64_t most = std::max(few.back().most_bytes, point.most_bytes);
      few.back() = point;
      few.back().most_bytes = most;
    } else {
      few.push_back(point);
    }
    last_bucket = bucket;
  }
  return few;
}

json::value code_of(const Life &life, std::uint64_t &room) {
  if (life.takings.empty()) return nullptr;
  const CodeOverTime code = code_over_time(life, kMostNames, true, room);
  if (code.too_long) return json::object{{"untold", "its call stacks are too long to be named over time"}};
  json::array times, names, rows, others;
  for (const std::int64_t time : code.times_ms) times.push_back(seconds(time));
  for (const std::string &name : code.names) names.push_back(json::value(printable(name)));
  for (const auto &row : code.live_bytes) {
    json::array line;
    for (const std::uint64_t bytes : row) line.push_back(bytes);
    rows.push_back(std::move(line));
  }
  for (const std::uint64_t bytes : code.others) others.push_back(bytes);
  return json::object{{"t", std::move(times)},
                      {"names", std::move(names)},
                      {"bytes", std::move(rows)},
                      {"others", std::move(others)}};
}

json::object life_of(const Told &told, std::uint64_t &room) {
  const Life &life = *told.life;
  json::array time, live, most, heap, rss, rate, speed;
  const std::vector<Point> points = thinned(life.points);
  for (std::size_t at = 0; at < points.size(); ++at) {
    const Point &point = points[at];
    time.push_back(seconds(point.time_ms));
    live.push_back(point.live_bytes);
    most.push_back(point.most_bytes);
    heap.push_back(std::max(point.heap_bytes, point.usable_bytes));
    rss.push_back(point.rss_bytes);
    const Point &before = points[at == 0 ? 0 : at - 1];
    const double passed = std::max(seconds(point.time_ms - before.time_ms), 0.001);
    const auto a_second = [&](std::uint64_t later, std::uint64_t earlier) {
      return at == 0 || later < earlier ? 0.0 : std::round(static_cast<double>(later - earlier) / passed);
    };
    rate.push_back(a_second(point.allocations, before.allocations));
    speed.push_back(a_second(point.allocated_bytes, before.allocated_bytes));
  }
  return {{"label", life.label()},     {"command", printable(life.process.command)},
          {"words", what_of(told)},    {"grows", told.course.grows()},
          {"alarm", stands_out(told)}, {"ended", seconds(life.ended_ms)},
          {"t", std::move(time)},      {"live", std::move(live)},
          {"most", std::move(most)},   {"heap", std::move(heap)},
          {"rss", std::move(rss)},     {"rate", std::move(rate)},
          {"speed", std::move(speed)}, {"code", code_of(life, room)}};
}

// No element, comment or section of HTML begins without that sign.
std::string safe_in_html(const std::string &text) {
  std::string safe;
  for (const char letter : text) letter == '<' ? safe += "\\u003c" : safe += letter;
  return safe;
}

}  // namespace

std::string page(const Story &story, const std::vector<Told> &lives) {
  json::array notes, list, gaps;
  for (const Note &note : notes_of(story)) notes.push_back(json::array{note.text, note.is_alarm});
  std::uint64_t room = kMostFramesNamed;
  for (const Told &each : lives) {
    if (list.size() < kMostLives) list.push_back(life_of(each, room));
  }
  for (const auto &[from, until] : story.gaps) gaps.push_back(json::array{seconds(from), seconds(until)});
  const std::string more =
      lives.size() > kMostLives
          ? fmt::format(
                "{} more are left out, of which none stands out more; heapmeter report --csv has all.",
                lives.size() - kMostLives)
          : "";
  const json::object data = {{"title", title_of(story)},
                             {"notes", std::move(notes)},
                             {"from", seconds(story.from_ms)},
                             {"until", seconds(std::max(story.until_ms, story.from_ms + 1000))},
                             {"interval", seconds(story.interval_ms)},
                             {"gaps", std::move(gaps)},
                             {"more", more},
                             {"lives", std::move(list)}};
  return std::string(kPageBeforeData).append(safe_in_html(json_text(data))).append(kPageAfterData);
}

}  // namespace heapmeter::cli::report
