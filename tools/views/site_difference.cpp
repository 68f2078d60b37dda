// SPDX-License-Identifier: MIT
#include "views/site_difference.h"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include "text/format.h"
#include "text/table.h"
#include "views/site_line.h"
#include "views/site_rows.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;
using sites::Common;
using sites::Stacks;
using sites::Values;

constexpr std::int64_t kCallers = 3;

std::int64_t grown(const Values &change) { return static_cast<std::int64_t>(change.live_bytes); }

Values sum(Values one, const Values &other) { return one += other; }

// Numbers of the stacks that hold more or less, by growth.
std::vector<std::size_t> changed(const Stacks &stacks) {
  std::vector<std::size_t> some;
  for (std::size_t at = 0; at < stacks.stacks.size(); ++at) {
    const Values &change = stacks.stacks[at].values;
    if (change.live_bytes != 0 || change.live_blocks != 0) some.push_back(at);
  }
  std::stable_sort(some.begin(), some.end(), [&](std::size_t a, std::size_t b) {
    return grown(stacks.stacks[a].values) > grown(stacks.stacks[b].values);
  });
  return some;
}

// Of these so many: those that grew first, then those that shrank most.
std::vector<std::size_t> shown_of(const std::vector<std::size_t> &all, const Stacks &stacks,
                                  std::size_t rows) {
  if (all.size() <= rows) return all;
  const auto first_shrunk = std::find_if(
      all.begin(), all.end(), [&](std::size_t at) { return grown(stacks.stacks[at].values) <= 0; });
  const auto grew = static_cast<std::size_t>(first_shrunk - all.begin());
  const std::size_t head = std::min(grew, rows);
  std::vector<std::size_t> shown(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(head));
  shown.insert(shown.end(), all.end() - static_cast<std::ptrdiff_t>(rows - head), all.end());
  return shown;
}

class Changes {
 public:
  Changes(const SiteDifference &difference, const Look &look)
      : difference_(difference),
        look_(look),
        rows_(difference.comparison.stacks, {"BEFORE", "AFTER", "CHANGE", "BLOCKS"}, kCallers, look) {}

  std::string text(std::size_t most) {
    const sites::Comparison &comparison = difference_.comparison;
    const auto &stacks = comparison.stacks.stacks;
    const std::vector<std::size_t> all = changed(comparison.stacks);
    const std::vector<std::size_t> shown = shown_of(all, comparison.stacks, most);
    for (const std::size_t at : shown) rows_.add(cells(comparison.before[at], stacks[at].values), stacks[at]);
    Values before, change;
    for (const std::size_t at : all) {
      if (std::find(shown.begin(), shown.end(), at) != shown.end()) continue;
      before += comparison.before[at];
      change += stacks[at].values;
    }
    if (shown.size() < all.size())
      rows_.add(cells(before, change),
                fmt::format("in {} more (-n)", format::counted(all.size() - shown.size(), "site")));
    Values rest = comparison.rest_after;
    rest -= comparison.rest_before;
    if (rest.live_bytes != 0)
      rows_.add(cells(comparison.rest_before, rest), "other sites: no more room for them");
    return rows_.empty() ? "" : rows_.drawn();
  }

 private:
  std::vector<std::string> cells(const Values &before, const Values &change) const {
    const auto figure = [&](std::uint64_t amount) {
      return (difference_.estimated ? "~" : "") + look_.units.bytes(amount);
    };
    const Values after = sum(before, change);
    return {difference_.common == Common::kOnlyAfter ? "-" : figure(before.live_bytes),
            figure(after.live_bytes), look_.units.change(grown(change), true),
            look_.units.change(static_cast<std::int64_t>(change.live_blocks), false)};
  }

  const SiteDifference &difference_;
  const Look &look_;
  SiteRows rows_;
};

}  // namespace

std::string site_difference_text(const SiteDifference &difference, std::int64_t rows, const Look &look) {
  std::string text;
  const auto note = [&](const std::string &sentence) {
    const int width = look.width == 0 ? 1'000'000 : look.width;
    for (const std::string &line : wrapped(printable(sentence), width)) text += look.paint.dim(line) + "\n";
  };
  if (difference.common == Common::kNothing && !difference.instead.empty()) {
    note(fmt::format("Which code: not noted; {}.", difference.instead));
    return text;
  }
  if (difference.common == Common::kNothing) {
    if (difference.is_living)
      note(fmt::format("Which code: not noted; from now on, it is after heapmeter sites {} --sample every.",
                       difference.target));
    return text;
  }
  if (difference.common == Common::kOnlyBefore) {
    note("Which code: attribution ended in between; the mark has what the sites held then.");
    return text;
  }
  text += Changes(difference, look).text(static_cast<std::size_t>(rows));
  if (text.empty()) note("No site holds more or less.");
  if (difference.common == Common::kOnlyAfter)
    note(fmt::format("Attribution began {} before the second reading: older blocks are of no site.",
                     format::duration(difference.attributed_seconds)));
  if (difference.estimated) note("~ is estimated, from samples.");
  for (const std::string &line : difference.advice) note(line);
  return text;
}

json::array site_difference_json(const SiteDifference &difference, std::int64_t rows) {
  json::array list;
  const sites::Comparison &comparison = difference.comparison;
  const auto &stacks = comparison.stacks.stacks;
  for (const std::size_t at :
       shown_of(changed(comparison.stacks), comparison.stacks, static_cast<std::size_t>(rows))) {
    const Values &before = comparison.before[at], &change = stacks[at].values, after = sum(before, change);
    list.push_back(json::object{
        {"name", stacks[at].name},
        {"live_bytes_before", before.live_bytes},
        {"live_bytes_after", after.live_bytes},
        {"live_bytes_change", grown(change)},
        {"live_blocks_before", before.live_blocks},
        {"live_blocks_after", after.live_blocks},
        {"live_blocks_change", static_cast<std::int64_t>(change.live_blocks)},
        {"frames", frames_json(comparison.stacks, stacks[at])},
    });
  }
  return list;
}

}  // namespace heapmeter::cli
