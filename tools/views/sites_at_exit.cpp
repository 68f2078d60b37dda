// SPDX-License-Identifier: MIT
#include "views/sites_at_exit.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "text/format.h"
#include "text/markdown.h"
#include "text/table.h"
#include "text/terminal.h"
#include "views/site_line.h"
#include "views/site_rows.h"
#include "views/site_table.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;
using sites::By;
using sites::Values;

constexpr std::int64_t kRows = 5, kDepth = 4;

// Two moments of one reading.
struct Moment {
  By by;
  const char *name;
  std::uint64_t bytes;
};

std::vector<Moment> moments_of(const sites::Profile &profile, bool as_read) {
  std::vector<Moment> moments;
  if (profile.has_peaks) moments.push_back({By::kPeak, "at the peak", profile.peak_live_bytes});
  moments.push_back({By::kLive, as_read ? "when last read" : "at the exit", profile.live_bytes});
  return moments;
}

SiteView view_of(const SitesAtExit &sites, By by) {
  SiteView view{sites.profile, sites.named.stacks, sites::ranked(sites.named.stacks, by, {}), by};
  view.rows = kRows;
  view.depth = kDepth;
  return view;
}

std::size_t shown_of(const SiteView &view) {
  return std::min(view.chosen.size(), static_cast<std::size_t>(view.rows));
}

// What the report names no code of is with what is not shown of the rest.
Values elsewhere(const SiteView &view) {
  Values sum = view.profile.other;
  for (std::size_t at = shown_of(view); at < view.chosen.size(); ++at) sum += view.chosen[at]->values;
  return sum;
}

std::string rows_of(const SiteView &view, const Look &look) {
  const SiteColumns columns = site_columns(view, look);
  SiteRows rows(view.stacks, columns.titles, view.depth, look);
  for (std::size_t at = 0; at < shown_of(view); ++at)
    rows.add(columns.cells(view.chosen[at]->values), *view.chosen[at]);
  const Values rest = elsewhere(view);
  if (sites::amount(rest, view.by) != 0) rows.add(columns.cells(rest), "in other code");
  if (sites::amount(view.profile.before, view.by) != 0)
    rows.add(columns.cells(view.profile.before), "allocated before attribution began");
  return rows.empty() ? "" : rows.drawn();
}

std::string amount_of(const sites::Profile &profile, const Moment &moment, const Units &units) {
  return moment.by == By::kPeak ? estimated(profile, units.bytes(moment.bytes)) : units.bytes(moment.bytes);
}

// ", 3.21 s before the exit", of the peak where that is known.
std::string when(const SitesAtExit &sites, const Moment &moment) {
  const sites::Profile &profile = sites.profile;
  if (moment.by != By::kPeak || profile.peak_live_time <= 0 || profile.peak_live_time > profile.time)
    return "";
  return fmt::format(", {} before {}", format::duration(profile.time - profile.peak_live_time),
                     sites.read_after ? "it was last read" : "the exit");
}

}  // namespace

std::string sites_at_exit_text(const SitesAtExit &sites, const Look &look) {
  const std::string of = sites.whose.empty() ? "" : fmt::format(" of {}, {}", sites.whose, sites.why);
  if (!sites.hindrance.empty()) return fmt::format("sites{}: none; {}\n", of, sites.hindrance);
  std::string how = way_text(sites.profile);
  if (sites.read_after)
    how += fmt::format(", as last read, {} after its start: it left no report",
                       format::duration(*sites.read_after));
  if (!sites.profile.instead.empty()) how += fmt::format(" ({})", printable(sites.profile.instead));
  std::string text;
  if (look.width == 0 || display_width("sites" + of + ": " + how) <= static_cast<std::size_t>(look.width)) {
    text = look.paint.title("sites" + of) + ": " + how + "\n";
  } else {
    for (const std::string &line : wrapped(fmt::format("sites{}: {}", of, how), look.width))
      text += look.paint.title(line) + "\n";
  }
  std::string notes;
  for (const Moment &moment : moments_of(sites.profile, sites.read_after.has_value())) {
    SiteView view = view_of(sites, moment.by);
    text += fmt::format("\n{}, {}{}\n", moment.name, amount_of(sites.profile, moment, look.units),
                        when(sites, moment));
    text += rows_of(view, look);
    if (view.chosen.empty()) continue;
    view.advice = sites.named.advice;
    notes = site_notes(view, look);
  }
  return text + (notes.empty() ? "" : "\n" + notes);
}

std::string sites_at_exit_markdown(const SitesAtExit &sites) {
  const std::string of = sites.whose.empty() ? "" : " of " + markdown_text(sites.whose);
  if (!sites.hindrance.empty()) return fmt::format("Sites{}: none; {}\n", of, markdown_text(sites.hindrance));
  const auto code = [&](const sites::Stacks::Stack &stack, std::size_t outwards) {
    if (outwards >= stack.frames.size()) return std::string();
    const auto frame = stack.frames[stack.frames.size() - 1 - outwards];
    return markdown_text(code_text(sites.named.stacks.frames[frame], 0, true));
  };
  std::string text;
  const Look look;
  for (const Moment &moment : moments_of(sites.profile, sites.read_after.has_value())) {
    const SiteView view = view_of(sites, moment.by);
    if (view.chosen.empty()) continue;
    const SiteColumns columns = site_columns(view, look);
    text += fmt::format("{}Code{} that held most {}, {}:\n\n|", text.empty() ? "" : "\n", of, moment.name,
                        amount_of(sites.profile, moment, look.units));
    for (const std::string &title : columns.titles) text += fmt::format(" {} |", title);
    text += " code | from |\n|";
    for (std::size_t column = 0; column < columns.titles.size(); ++column) text += "--:|";
    text += "---|---|\n";
    for (std::size_t at = 0; at < shown_of(view); ++at) {
      const auto &stack = *view.chosen[at];
      text += "|";
      for (const std::string &cell : columns.cells(stack.values)) text += fmt::format(" {} |", cell);
      text += fmt::format(" {} | {} |\n", code(stack, 0), code(stack, 1));
    }
  }
  return text;
}

json::object sites_at_exit_json(const SitesAtExit &sites) {
  json::object object = {{"pid", nullptr},
                         {"name", nullptr},
                         {"why", sites.hindrance},
                         {"source", nullptr},
                         {"read_after_seconds", nullptr}};
  object["at_peak"] = object["at_exit"] = nullptr;
  if (!sites.hindrance.empty()) return object;
  object["pid"] = sites.profile.pid;
  object["source"] = sites.read_after ? "reading" : "report";
  object["read_after_seconds"] = sites.read_after ? json::value(*sites.read_after) : json::value(nullptr);
  object["name"] = sites.profile.name;
  object["why"] = nullptr;
  for (const Moment &moment : moments_of(sites.profile, sites.read_after.has_value())) {
    const SiteView view = view_of(sites, moment.by);
    json::array list;
    for (std::size_t at = 0; at < shown_of(view); ++at) list.push_back(site_json(view, *view.chosen[at]));
    object[moment.by == By::kPeak ? "at_peak" : "at_exit"] = std::move(list);
  }
  return object;
}

}  // namespace heapmeter::cli
