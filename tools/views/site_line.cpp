// SPDX-License-Identifier: MIT
#include "views/site_line.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include "flame/code_name.h"
#include "flame/label.h"
#include "sites/of_threads.h"
#include "text/format.h"
#include "text/table.h"

namespace heapmeter::cli {
namespace {

using sites::By;
using sites::Mode;
using sites::Values;

constexpr int kLeastName = 12;

std::string file_name(const std::string &path) { return path.substr(path.rfind('/') + 1); }

// Where the code is, as short as a person needs it: "cache.cpp:41", or the module of what has no lines.
std::string place_of(const symbols::Frame &frame) {
  if (!frame.file.empty())
    return printable(frame.line != 0 ? fmt::format("{}:{}", file_name(frame.file), frame.line)
                                     : file_name(frame.file));
  return frame.function.empty() ? "" : printable(frame.module);
}

// Where the locale has no ellipsis.
std::string in_letters(std::string text, const char *instead, bool utf8) {
  constexpr std::string_view kEllipsis = "…";
  if (utf8) return text;
  for (std::size_t at = 0; (at = text.find(kEllipsis, at)) != text.npos;)
    text.replace(at, kEllipsis.size(), instead);
  return text;
}

std::string per_second(double amount, double seconds, bool of_bytes, const Units &units) {
  const double rate = seconds > 0 ? amount / seconds : 0;
  if (units.exact) return fmt::format("{:.0f}", rate);
  return of_bytes ? format::bytes(rate) : format::count(rate);
}

Values sum_of(const sites::Profile &profile) {
  Values sum;
  for (const sites::Site &site : profile.sites) sum += site.values;
  return sum;
}

std::string sampled_text(const sites::Profile &profile) {
  return profile.mode == Mode::kSampled ? format::bytes(static_cast<double>(profile.mean_bytes))
                                        : "64 KiB allocated";
}

}  // namespace

boost::json::value begin_json(const symbols::Frame &frame) {
  return frame.begin != 0 ? boost::json::value(frame.begin) : boost::json::value(nullptr);
}

boost::json::array frames_json(const sites::Stacks &stacks, const sites::Stacks::Stack &stack) {
  boost::json::array frames;
  for (auto at = stack.frames.rbegin(); at != stack.frames.rend(); ++at) {
    const symbols::Frame &frame = stacks.frames[*at];
    frames.push_back(boost::json::object{{"function", frame.function},
                                         {"file", frame.file},
                                         {"line", frame.line},
                                         {"inlined", frame.inlined},
                                         {"module", frame.module},
                                         {"offset", frame.offset},
                                         {"begin", begin_json(frame)}});
  }
  return frames;
}

std::string estimated(const sites::Profile &profile, std::string figure) {
  return profile.is_estimate() ? "~" + figure : figure;
}

double age_seconds(const Values &values) {
  constexpr double kMost = 1e12;  // of a page that says too much
  return values.live_bytes == 0
             ? 0
             : std::min(values.byte_ms / 1000 / static_cast<double>(values.live_bytes), kMost);
}

SiteColumns site_columns(const SiteView &view, const Look &look) {
  std::vector<std::string> titles = {"SHARE"};
  const auto add = [&](std::vector<std::string> more) {
    titles.insert(titles.end(), more.begin(), more.end());
  };
  switch (view.by) {
    case By::kLive:
      add({"LIVE", "BLOCKS"});
      if (view.profile.is_estimate()) titles.insert(titles.begin() + 2, look.utf8 ? "± 95 %" : "+- 95 %");
      break;
    case By::kBlocks:
      add({"BLOCKS", "LIVE"});
      break;
    case By::kAllocated:
      add({"ALLOCATED", "ALLOCS"});
      break;
    case By::kPeak:
      add({"AT PEAK", "BLOCKS"});
      break;
    case By::kTemporary:
      add({"TEMPORARY", "ALLOCS"});
      break;
    case By::kAge:
      add({"AGE", "LIVE"});
      break;
    case By::kRate:
      add({"BYTES/S", "ALLOCS/S"});
      break;
    case By::kGrowth:
      titles = {"GROWTH", "BLOCKS", "PER SECOND"};
      break;
  }
  return {titles, view, look};
}

std::vector<std::string> SiteColumns::cells(const Values &values) const {
  const Units &units = look.units;
  const auto bytes = [&](std::uint64_t amount) { return estimated(view.profile, units.bytes(amount)); };
  const auto count = [&](std::uint64_t amount) { return estimated(view.profile, units.count(amount)); };
  // Bytes without an allocation would look like a mistake.
  const std::string allocations =
      values.allocations == 0 && values.reallocations != 0 ? "(by realloc)" : count(values.allocations);
  const std::string share =
      format::percent(sites::amount(values, view.by), sites::whole(view.profile, view.by));
  switch (view.by) {
    case By::kLive:
      if (view.profile.is_estimate())
        return {
            share, bytes(values.live_bytes),
            units.bytes(static_cast<std::uint64_t>(1.96 * std::sqrt(std::max(0.0, values.variance_bytes)))),
            count(values.live_blocks)};
      return {share, bytes(values.live_bytes), count(values.live_blocks)};
    case By::kBlocks:
      return {share, count(values.live_blocks), bytes(values.live_bytes)};
    case By::kAllocated:
      return {share, bytes(values.allocated_bytes), allocations};
    case By::kPeak:
      // How many blocks older than attribution there were then is not known.
      return {share, bytes(values.peak_bytes),
              values.peak_blocks == 0 && values.peak_bytes != 0 ? "-" : count(values.peak_blocks)};
    case By::kTemporary:
      return {share,
              view.profile.temporary_ms == 0 ? count(values.temporary) : "~" + units.count(values.temporary),
              allocations};
    case By::kAge:
      return {share, "~" + format::duration(age_seconds(values)), bytes(values.live_bytes)};
    case By::kRate:
      return {share,
              estimated(view.profile,
                        per_second(static_cast<double>(values.allocated_bytes), view.seconds, true, units)),
              estimated(view.profile,
                        per_second(static_cast<double>(values.allocations), view.seconds, false, units))};
    case By::kGrowth: {
      const auto grown = static_cast<std::int64_t>(values.live_bytes);
      return {estimated(view.profile, units.change(grown, true)),
              units.change(static_cast<std::int64_t>(values.live_blocks), false),
              per_second(static_cast<double>(grown), view.seconds, true, units)};
    }
  }
  return {};
}

std::string code_text(const symbols::Frame &frame, int width, bool utf8, Module module,
                      TemplateArguments arguments) {
  const std::string place = module == Module::kSaid && frame.file.empty() ? "" : place_of(frame);
  const std::string name = arguments == TemplateArguments::kShown
                               ? flame::code_name_with_arguments(frame)
                               : in_letters(flame::code_name(frame), "..", utf8);
  const std::string behind = place.empty() ? "" : "  " + place;
  if (width == 0) return name + behind;
  const int room = width - static_cast<int>(display_width(behind));
  if (room < kLeastName) return in_letters(flame::fitted(name, std::max(width, kLeastName)), ".", utf8);
  return in_letters(flame::fitted(name, room), ".", utf8) + behind;
}

std::string site_nothing(const SiteView &view) {
  const sites::Profile &profile = view.profile;
  const double seconds = is_change(view.by) ? view.seconds : profile.time - profile.since;
  const std::string within = format::duration(std::max(0.0, seconds));
  if (view.only_some && !view.stacks.stacks.empty())
    return fmt::format(
        "--focus and --ignore leave none of {}; both look for a regular expression, as grep -E does, in the "
        "functions, files and modules of each.",
        format::counted(view.stacks.stacks.size(), "call stack"));
  if (profile.of_threads)
    return fmt::format(
        "None of the samples (one in {}) is of {}: what it allocated is freed again, or little.",
        sampled_text(profile), sites::threads_text(profile));
  if (profile.sites.empty() && profile.mode == Mode::kSampled)
    return fmt::format(
        "No sample yet in {}, of one in {} allocated; wait, or take more: --sample 16K, --sample every.",
        within, format::bytes(static_cast<double>(profile.mean_bytes)));
  if (view.by == By::kGrowth)
    return fmt::format("Nothing grew or shrank within {}; wait longer, with -i or --since a mark.", within);
  if (view.by == By::kRate) return fmt::format("Nothing was allocated within {}.", within);
  if (view.by == By::kTemporary) return "No block was freed by the very next call.";
  if (profile.sites.empty())
    return fmt::format("Nothing was allocated in the {} since attribution began.", within);
  return "Nothing that was allocated since attribution began is still live; --by allocated shows what came "
         "and went.";
}

std::string site_notes(const SiteView &view, const Look &look) {
  const sites::Profile &profile = view.profile;
  std::string text;
  const auto note = [&](const std::string &sentence) {
    const int width = look.width == 0 ? 1'000'000 : look.width;
    for (const std::string &line : wrapped(printable(sentence), width)) text += look.paint.dim(line) + "\n";
  };
  if (view.chosen.empty()) note(site_nothing(view));
  if (profile.of_threads && !profile.sites.empty()) {
    note(
        fmt::format("~ is estimated, from {}, one in {}: what each allocated that is still live, whoever may "
                    "release it.",
                    format::counted(sum_of(profile).live_samples, "sample"), sampled_text(profile)));
  } else if (profile.mode == Mode::kSampled && view.by == By::kLive && !profile.sites.empty()) {
    const Values sum = sum_of(profile);
    note(fmt::format(
        "~ is estimated, from {}: together {} of the {} that are live, {}.",
        format::counted(sum.live_samples, "sample"), look.units.bytes(sum.live_bytes),
        look.units.bytes(profile.live_bytes),
        format::percent(static_cast<double>(sum.live_bytes), static_cast<double>(profile.live_bytes))));
  }
  if (view.by == By::kAge && !profile.sites.empty()) {
    note(fmt::format(
        "~ is estimated, from {}, one in {}: of a site with few of them the age is a guess, and of "
        "one without it is not known.",
        format::counted(sum_of(profile).live_samples, "sample"), sampled_text(profile)));
  }
  if (profile.cut_short > 0) {
    const double share = 100 * static_cast<double>(profile.cut_short) /
                         static_cast<double>(std::max(profile.captures, profile.cut_short));
    note(fmt::format("stacks cut short: {}{:.1f} %; of them the outer callers are not known.",
                     share < 0.05 ? "less than " : "", std::max(0.1, share)));
  }
  for (const std::string &line : view.advice) note(line);
  return text;
}

}  // namespace heapmeter::cli
