// SPDX-License-Identifier: MIT
#include "views/growth.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "flame/code_name.h"
#include "text/format.h"
#include "text/table.h"
#include "text/terminal.h"
#include "views/lost_rows.h"
#include "views/site_line.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

std::string rate(double bytes, const Units &units) {
  return units.exact ? fmt::format("{:.0f} bytes/s", bytes) : format::bytes(bytes) + "/s";
}

std::string who(const GrowingPlace &place) {
  if (place.frames.empty()) return "code that is not known";
  return flame::code_name(place.frames.front());
}

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

// Never more than it is.
std::string percent(std::uint64_t part, std::uint64_t whole) {
  const double percent = share(part, whole);
  return percent < 10 ? fmt::format("{:.1f}", std::floor(percent * 10) / 10)
                      : fmt::format("{:.0f}", std::floor(percent));
}

std::string sentence(const GrowingPlace &place, const Units &units) {
  const growth::Kept &kept = place.verdict.kept;
  const growth::Slope &bytes = place.verdict.bytes;
  const std::string speed = fmt::format("{}, interval {} to {}", rate(bytes.middle, units),
                                        rate(bytes.least, units), rate(bytes.most, units));
  if (place.verdict.finding == growth::Finding::kHeldAndGrowing) {
    return fmt::format("held, and growing: {}{} % of what {} allocated in the first half is still there; {}",
                       kept.least == kept.born ? "" : "at least ", percent(kept.least, kept.born), who(place),
                       speed);
  }
  return fmt::format(
      "growing, cause not decided: {}; {}; {:.0f} % of as many blocks as it allocates die, and which "
      "of them stay is not known: watch longer",
      who(place), speed, share(kept.all_died, kept.all_born));
}

// In how many of several processes, and in which most.
std::string where(const GrowingPlace &place, const GrowthView &view) {
  if (!view.is_group || view.members.size() < 2) return "";
  return fmt::format(", in {} of {} processes, most in {}", place.processes, view.members.size(),
                     view.members.at(place.most).label);
}

std::string evidence(const GrowingPlace &place, const GrowthView &view, const Units &units, bool utf8) {
  const growth::Kept &kept = place.verdict.kept;
  std::string blocks = place.verdict.finding == growth::Finding::kHeldAndGrowing
                           ? fmt::format("{} of {} born in the first half, in {} of {} spans of time",
                                         format::grouped(kept.least), format::counted(kept.born, "block"),
                                         kept.least_spans, kept.spans)
                           : fmt::format("{} born, {} died", format::counted(kept.all_born, "block"),
                                         format::grouped(kept.all_died));
  if (place.verdict.finding == growth::Finding::kHeldAndGrowing && kept.spans == 0)
    blocks = fmt::format("{} of {} born in the first half; how old those were that died since, {} say",
                         format::grouped(kept.least), format::counted(kept.born, "block"),
                         format::counted(static_cast<std::uint64_t>(kept.samples), "sample"));
  return fmt::format("{}; live {} {} {}{}", blocks, units.bytes(place.bytes_before), utf8 ? "→" : "->",
                     units.bytes(place.bytes_after), where(place, view));
}

class Text {
 public:
  explicit Text(const Look &look) : look_(look) {}
  void line(const std::string &text) { whole += text + "\n"; }
  void sentence(const std::string &text, int indent) {
    const std::string before(static_cast<std::size_t>(indent), ' ');
    const int room = look_.width == 0 ? 1'000'000 : std::max(look_.width - indent, 20);
    for (const std::string &one : wrapped(text, room)) line(before + one);
  }
  std::string whole;

 private:
  const Look &look_;
};

std::string change(const GrowthView &view, const Units &units) {
  const double grown = static_cast<double>(view.bytes_after) - static_cast<double>(view.bytes_before);
  const double speed = view.seconds > 0 ? grown / view.seconds : 0;
  return (speed >= 0 ? "+" : "") + rate(speed, units);
}

}  // namespace

std::string growth_text(const GrowthView &view, std::size_t most_rows, std::size_t depth, const Look &look) {
  Text text(look);
  text.sentence(
      fmt::format("{}: watched for {}, {} readings; live {}, {}", view.label, format::duration(view.seconds),
                  view.readings, look.units.bytes(view.bytes_after), change(view, look.units)),
      0);
  for (std::size_t at = 0; at < std::min(view.growing.size(), most_rows); ++at) {
    const GrowingPlace &place = view.growing[at];
    text.line("");
    text.sentence(sentence(place, look.units), 0);
    text.sentence(evidence(place, view, look.units, look.utf8), 2);
    for (std::size_t frame = 0; frame < std::min(place.frames.size(), depth); ++frame) {
      const int width = look.width == 0 ? 0 : std::max(look.width - 6, 20);
      text.line("      " + code_text(place.frames[frame], width, look.utf8));
    }
  }
  text.line("");
  if (view.growing.size() > most_rows)
    text.line(
        fmt::format("and {} (-n shows more)", format::counted(view.growing.size() - most_rows, "place")));
  if (view.growing.empty())
    text.sentence(
        fmt::format("At none of {} that allocate was growth seen.", format::counted(view.places, "place")),
        0);
  else
    text.sentence(
        "A cache that is not full yet, and blocks that live several times as long as was watched, look like "
        "what is held for ever: watch longer to tell them apart.",
        0);
  if (view.too_few > 0)
    text.sentence(fmt::format("At {} too few blocks stayed to tell: watch longer (--growth=10m).",
                              format::counted(view.too_few, "place")),
                  0);
  for (const std::string &line : view.advice) text.sentence(printable(line), 0);
  for (const Unreached &other : view.others) {
    const std::string who = other.pid == 0 ? "" : fmt::format("{} was not watched: ", other.pid);
    text.sentence(who + printable(other.why), 0);
  }
  return text.whole;
}

json::object growth_json(const GrowthView &view) {
  json::array growing;
  for (const GrowingPlace &place : view.growing) {
    const growth::Verdict &verdict = place.verdict;
    growing.push_back(json::object{
        {"verdict", verdict.finding == growth::Finding::kHeldAndGrowing ? "held_and_growing" : "growing"},
        {"site", place.site},
        {"bytes_per_second", verdict.bytes.middle},
        {"least_bytes_per_second", verdict.bytes.least},
        {"most_bytes_per_second", verdict.bytes.most},
        {"chance", verdict.chance},
        {"born_blocks", verdict.kept.born},
        {"least_kept_blocks", verdict.kept.least},
        {"lifetime_samples", static_cast<std::uint64_t>(verdict.kept.samples)},
        {"spans", verdict.kept.spans},
        {"least_kept_spans", verdict.kept.least_spans},
        {"all_born_blocks", verdict.kept.all_born},
        {"all_died_blocks", verdict.kept.all_died},
        {"live_bytes_before", place.bytes_before},
        {"live_bytes_after", place.bytes_after},
        {"processes", place.processes},
        {"most_in_pid", view.members.at(place.most).pid},
        {"frames", frames_json(place.frames)}});
  }
  json::array members, others;
  for (const GrowthView::Member &member : view.members) {
    members.push_back({{"pid", member.pid},
                       {"start_time", member.start_time},
                       {"live_bytes_before", member.bytes_before},
                       {"live_bytes_after", member.bytes_after}});
  }
  for (const Unreached &other : view.others) {
    others.push_back({{"pid", other.pid == 0 ? json::value(nullptr) : json::value(other.pid)},
                      {"why", printable(other.why)}});
  }
  const GrowthView::Member &first = view.members.front();
  return {{"schema", 1},
          {"pid", view.is_group ? json::value(nullptr) : json::value(first.pid)},
          {"start_time", view.is_group ? json::value(nullptr) : json::value(first.start_time)},
          {"members", std::move(members)},
          {"not_watched", std::move(others)},
          {"seconds", view.seconds},
          {"readings", view.readings},
          {"places", view.places},
          {"too_few", view.too_few},
          {"live_bytes_before", view.bytes_before},
          {"live_bytes_after", view.bytes_after},
          {"growing", std::move(growing)}};
}

}  // namespace heapmeter::cli
