// SPDX-License-Identifier: MIT
#include "views/site_table.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "flame/label.h"
#include "sites/formats.h"
#include "sites/head.h"
#include "sites/of_threads.h"
#include "symbols/plumbing.h"
#include "text/fit.h"
#include "text/format.h"
#include "text/json_text.h"
#include "views/site_line.h"
#include "views/site_rows.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;
using sites::By;
using sites::Mode;
using sites::Stacks;
using sites::Values;

// They come in order, so that a small one ends it; the first is shown however small it is.
std::size_t rows_of(const SiteView &view) {
  const std::size_t most = std::min(view.chosen.size(), static_cast<std::size_t>(view.rows));
  if (view.by == By::kGrowth) return most;
  const double least = view.least * sites::whole(view.profile, view.by);
  std::size_t shown = std::min<std::size_t>(most, 1);
  while (shown < most && sites::amount(view.chosen[shown]->values, view.by) >= least) ++shown;
  return shown;
}

// Site by site, and then what is in none of those.
std::string rows_text(const SiteView &view, const Look &look) {
  const SiteColumns columns = site_columns(view, look);
  SiteRows rows(view.stacks, columns.titles, view.depth, look);
  const std::size_t shown = rows_of(view);
  for (std::size_t at = 0; at < shown; ++at)
    rows.add(columns.cells(view.chosen[at]->values), *view.chosen[at]);
  Values more;
  for (std::size_t at = shown; at < view.chosen.size(); ++at) more += view.chosen[at]->values;
  if (shown < view.chosen.size())
    rows.add(columns.cells(more),
             fmt::format("in {} more (-n)", format::counted(view.chosen.size() - shown, "site")));
  if (sites::amount(view.profile.before, view.by) != 0 && !is_change(view.by))
    rows.add(columns.cells(view.profile.before), "allocated before attribution began");
  if (sites::amount(view.profile.other, view.by) != 0)
    rows.add(columns.cells(view.profile.other), "other sites: no more room, see HEAPMETER_SITES_LIMIT");
  return rows.empty() ? "" : rows.drawn();
}

json::array lifetimes_json(const sites::Profile &profile, const Stacks::Stack &stack) {
  std::uint64_t lived[sites::kMostDoublings] = {};
  for (const std::uint32_t number : stack.sites) {
    for (const sites::Lived &each : lived_by(profile, profile.sites[number].leaf))
      lived[each.doubling] += each.blocks;
  }
  json::array list;
  for (unsigned doubling = 0; doubling < sites::kMostDoublings; ++doubling) {
    if (lived[doubling] == 0) continue;
    list.push_back(json::object{{"under_ms", std::uint64_t{1} << doubling}, {"blocks", lived[doubling]}});
  }
  return list;
}

// Of one site, innermost first: all of it, with the names that functions without one have by their callers.
struct Step {
  symbols::Frame frame;
  std::uint64_t offset = 0;
  bool is_mark = false;
};

std::vector<Step> steps_to(const sites::Profile &profile, std::uint32_t leaf, const sites::Naming &naming) {
  std::vector<Step> steps;
  for (std::uint32_t at = leaf; at != 0; at = profile.node(at).parent) {
    const sites::Node &node = profile.node(at);
    if (node.module == sites::kMark) {
      steps.emplace_back().is_mark = true;
      steps.back().frame.function = sites::mark_text(profile, node);
      continue;
    }
    for (symbols::Frame &frame : naming(node.module, node.offset))
      steps.push_back({std::move(frame), node.offset, false});
  }
  for (std::size_t at = 0; at < steps.size(); ++at) {
    const char *name = symbols::name_by_callers(
        [&](std::size_t number) { return number < steps.size() ? &steps[number].frame : nullptr; }, at);
    if (name != nullptr) steps[at].frame.function = name;
  }
  return steps;
}

}  // namespace

std::string way_text(const sites::Profile &profile) {
  switch (profile.mode) {
    case Mode::kSampled:
      return fmt::format("one sample in {} allocated",
                         format::bytes(static_cast<double>(profile.mean_bytes)));
    case Mode::kEvery:
      return "every allocation attributed";
    case Mode::kOff:
      break;
  }
  return "attribution is off";
}

std::string mode_text(const sites::Profile &profile) {
  std::string text = way_text(profile);
  if (profile.mode != Mode::kOff && profile.since > 0 && profile.time > profile.since)
    text += ", for " + format::duration(profile.time - profile.since);
  if (profile.until > profile.time)
    text += fmt::format(", {} to go", format::duration(profile.until - profile.time));
  if (!profile.instead.empty()) text += fmt::format(" ({})", printable(profile.instead));
  return text;
}

// ", 3m 12s ago", by the machine's own clock.
static std::string peak_time_text(const sites::Profile &profile) {
  if (profile.peak_live_time <= 0 || profile.peak_live_time > profile.time) return "";
  return fmt::format(", {} ago", format::duration(profile.time - profile.peak_live_time));
}

static std::string of_threads_text(const sites::Profile &profile, const Units &units) {
  Values sum;
  for (const sites::Site &site : profile.sites) sum += site.values;
  return fmt::format("; of it ~{} of {}", units.bytes(sum.live_bytes), sites::threads_text(profile));
}

std::string site_head(const SiteView &view, const Look &look) {
  const sites::Profile &profile = view.profile;
  const std::string change =
      is_change(view.by) ? fmt::format("; within {}", format::duration(view.seconds)) : "";
  const std::string peak =
      view.by == By::kPeak && profile.peak_live_bytes != 0
          ? fmt::format("; {} at the peak{}", estimated(profile, look.units.bytes(profile.peak_live_bytes)),
                        peak_time_text(profile))
          : "";
  return fmt::format("{}: live {} in {}{}{}\n{}\n\n", printable(view.label),
                     look.units.bytes(profile.live_bytes), format::counted(profile.live_blocks, "block"),
                     peak, profile.of_threads ? of_threads_text(profile, look.units) : "",
                     look.paint.dim(mode_text(profile) + change));
}

std::string site_table(const SiteView &view, const Look &look) {
  const std::string notes = site_notes(view, look);
  const std::string rows = rows_text(view, look);
  return site_head(view, look) + rows + (notes.empty() || rows.empty() ? "" : "\n") + notes;
}

// A line for each thread that asked for what is live of the site, by samples; those that hold most.
static std::string threads_of_site(const sites::Profile &profile, std::uint32_t leaf, const Look &look,
                                   const std::map<std::uint32_t, std::string> &names) {
  constexpr std::size_t kMostThreads = 8;
  std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> sums;
  for (const sites::HeldByThread &each : profile.held_by_threads) {
    if (each.leaf != leaf) continue;
    const auto name = names.find(each.tid);
    auto &[bytes, blocks] = sums[name != names.end() ? name->second : "threads that have ended"];
    bytes += each.bytes;
    blocks += each.blocks;
  }
  std::vector<std::pair<std::string, std::pair<std::uint64_t, std::uint64_t>>> threads(sums.begin(),
                                                                                       sums.end());
  std::stable_sort(threads.begin(), threads.end(),
                   [](const auto &a, const auto &b) { return a.second > b.second; });
  std::string text;
  for (std::size_t at = 0; at < std::min(threads.size(), kMostThreads); ++at)
    text += fmt::format("  asked for by {:<23}  ~{} in ~{}\n", printable(threads[at].first),
                        look.units.bytes(threads[at].second.first),
                        format::counted(threads[at].second.second, "block"));
  if (threads.size() > kMostThreads)
    text += fmt::format("  and by {}\n", format::counted(threads.size() - kMostThreads, "other thread"));
  return text;
}

std::string site_text(const sites::Profile &profile, std::uint32_t number, const std::string &heading,
                      const sites::Naming &naming, const Look &look,
                      const std::map<std::uint32_t, std::string> &threads) {
  const sites::Site &site = profile.sites[number];
  const Values &values = site.values;
  const std::string moves =
      values.reallocations == 0 ? "" : " and " + format::counted(values.reallocations, "reallocation");
  std::string text = fmt::format("{}: live {} in {}; allocated {} in {}{}\n", heading,
                                 estimated(profile, look.units.bytes(values.live_bytes)),
                                 format::counted(values.live_blocks, "block"),
                                 estimated(profile, look.units.bytes(values.allocated_bytes)),
                                 format::counted(values.allocations, "allocation"), moves);
  for (const sites::Lived &each : lived_by(profile, site.leaf))
    text += fmt::format("  lived less than {:<8} {}\n",
                        format::duration(std::ldexp(0.001, static_cast<int>(each.doubling))),
                        "~" + format::counted(each.blocks, "block"));
  if (!threads.empty()) text += threads_of_site(profile, site.leaf, look, threads);
  constexpr int kHang = 9;
  int depth = 0;
  for (const Step &step : steps_to(profile, site.leaf, naming)) {
    const symbols::Frame &frame = step.frame;
    const std::string place =
        frame.file.empty() ? "" : fmt::format("  {}:{}", printable(frame.file), frame.line);
    const bool is_its_name = frame.function.empty() && frame.begin == 0;
    const std::string address = is_its_name || frame.inlined || step.is_mark
                                    ? ""
                                    : fmt::format("  {}+{:#x}", printable(frame.module), step.offset);
    text += fmt::format("  #{:<3} {}{}{}{}\n", depth++, flame::full_name(frame), place,
                        frame.inlined ? "  inlined" : "", look.paint.dim(address));
  }
  return folded_lines(text, look.width, kHang);
}

json::object site_json(const SiteView &view, const Stacks::Stack &stack) {
  const Values &values = stack.values;
  const bool growth = view.by == By::kGrowth;
  const auto live = [&](std::uint64_t amount) {
    return growth ? json::value(static_cast<std::int64_t>(amount)) : json::value(amount);
  };
  const auto age = [&](std::int64_t amount) {
    return view.profile.has_ages && values.live_samples != 0 ? json::value(amount) : json::value(nullptr);
  };
  const auto ever = [&](std::uint64_t amount) {
    return view.profile.of_threads ? json::value(nullptr) : json::value(amount);
  };
  return {{"name", stack.name},
          {"live_blocks", live(values.live_blocks)},
          {"live_bytes", live(values.live_bytes)},
          {"live_bytes_error", std::llround(1.96 * std::sqrt(std::max(0.0, values.variance_bytes)))},
          {"allocations", ever(values.allocations)},
          {"reallocations", ever(values.reallocations)},
          {"allocated_bytes", ever(values.allocated_bytes)},
          {"peak_blocks", view.profile.has_peaks ? json::value(values.peak_blocks) : json::value(nullptr)},
          {"peak_bytes", view.profile.has_peaks ? json::value(values.peak_bytes) : json::value(nullptr)},
          {"temporary", view.profile.has_temporary ? json::value(values.temporary) : json::value(nullptr)},
          {"age_ms", age(std::llround(1000 * age_seconds(values)))},
          {"oldest_ms", age(static_cast<std::int64_t>(values.oldest_ms))},
          {"lifetimes", lifetimes_json(view.profile, stack)},
          {"live_samples", values.live_samples},
          {"frames", frames_json(view.stacks, stack)}};
}

json::object sites_json(const SiteView &view) {
  const sites::Profile &profile = view.profile;
  const auto peak = [&](std::uint64_t amount) {
    return profile.has_peaks ? json::value(amount) : json::value(nullptr);
  };
  json::array list;
  for (const Stacks::Stack *stack : view.chosen) {
    if (list.size() == static_cast<std::size_t>(view.rows)) break;
    list.push_back(site_json(view, *stack));
  }
  json::object object = sites::head_json(profile);
  object["by"] = sites::kByNames[static_cast<std::size_t>(view.by)];
  object["interval_seconds"] = is_change(view.by) ? json::value(view.seconds) : json::value(nullptr);
  object["peak_bytes"] = peak(profile.peak_bytes);
  object["peak_error_bytes"] = peak(profile.peak_error_bytes);
  object["peak_live_bytes"] = peak(profile.peak_live_bytes);
  object["peak_live_time"] = profile.has_peaks && profile.peak_live_time > 0
                                 ? json::value(profile.peak_live_time)
                                 : json::value(nullptr);
  object["other_peak_bytes"] = peak(profile.other.peak_bytes);
  object["other_peak_blocks"] = peak(profile.other.peak_blocks);
  object["threads"] = profile.of_threads
                          ? json::value(json::array(profile.threads.begin(), profile.threads.end()))
                          : json::value(nullptr);
  object["sites"] = std::move(list);
  object["advice"] = json::array(view.advice.begin(), view.advice.end());
  return object;
}

}  // namespace heapmeter::cli
