// SPDX-License-Identifier: MIT
#include "sites/kept.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include <fmt/format.h>
#include <heapmeter/protocol.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "client/client.h"
#include "client/page.h"
#include "readings/marked_process.h"
#include "sites/head.h"
#include "sites/page.h"
#include "text/user_error.h"

namespace heapmeter::cli::sites {
namespace {

namespace json = boost::json;

constexpr std::chrono::milliseconds kPatienceWithPages{10'000};
constexpr const char *kField = "sites";

constexpr std::pair<const char *, std::uint64_t Values::*> kColumns[] = {
    {"live_blocks", &Values::live_blocks},   {"live_bytes", &Values::live_bytes},
    {"allocations", &Values::allocations},   {"allocated_bytes", &Values::allocated_bytes},
    {"live_samples", &Values::live_samples},
};

json::array modules_of(const Profile &profile) {
  json::array list;
  const auto address = [](std::uint64_t value) { return fmt::format("{:#x}", value); };
  for (const symbols::Module &module : profile.modules) {
    list.push_back(json::object{{"path", module.path},
                                {"build_id", module.build_id},
                                {"start", address(module.start)},
                                {"end", address(module.end)},
                                {"bias", address(module.bias)}});
  }
  return list;
}

// Nodes as they are kept: numbered anew, parents first, those that no kept site leads to left out.
class KeptNodes {
 public:
  KeptNodes(const Profile &profile, std::size_t most)
      : profile_(profile), most_(most), numbers_(profile.nodes.size() + 1) {}

  // 0 where there is no room.
  std::uint32_t number(std::uint32_t leaf) {
    std::vector<std::uint32_t> missing;
    for (std::uint32_t node = leaf; node != 0 && numbers_[node] == 0; node = profile_.node(node).parent)
      missing.push_back(node);
    if (rows_.size() + missing.size() > most_) return 0;
    for (auto node = missing.rbegin(); node != missing.rend(); ++node) {
      const Node &from = profile_.node(*node);
      rows_.push_back(json::array{from.parent == 0 ? 0 : numbers_[from.parent], from.module, from.offset});
      numbers_[*node] = static_cast<std::uint32_t>(rows_.size());
    }
    return numbers_[leaf];
  }
  json::array take() { return std::move(rows_); }

 private:
  const Profile &profile_;
  const std::size_t most_;
  std::vector<std::uint32_t> numbers_;
  json::array rows_;
};

std::vector<const Site *> by_amount(const Profile &profile) {
  std::vector<const Site *> all;
  for (const Site &site : profile.sites) all.push_back(&site);
  std::stable_sort(all.begin(), all.end(), [](const Site *a, const Site *b) {
    return std::tie(a->values.live_bytes, a->values.allocated_bytes) >
           std::tie(b->values.live_bytes, b->values.allocated_bytes);
  });
  return all;
}

void read_left_out(const json::object &page, Profile &profile) {
  const auto number = [&](const char *name) { return page::number(page, name, "sites"); };
  profile.left_out_sites = number("left_out_sites");
  profile.left_out_most_bytes = number("left_out_most_bytes");
  profile.left_out.live_bytes = number("left_out_live_bytes");
  profile.left_out.live_blocks = number("left_out_live_blocks");
  profile.left_out.allocations = number("left_out_allocations");
  profile.left_out.allocated_bytes = number("left_out_allocated_bytes");
}

Profile kept_profile(const json::object &page) {
  Profile profile = parse_profile(json::serialize(page));
  read_left_out(page, profile);
  return profile;
}

}  // namespace

json::object kept_page(const Profile &profile, std::size_t most, std::size_t most_nodes) {
  json::object page = head_json(profile);
  page["limit_bytes"] = profile.limit_bytes;
  if (!profile.instead.empty()) page["instead"] = profile.instead;
  json::array columns = {"leaf"}, rows;
  for (const auto &[name, field] : kColumns) columns.push_back(json::value(name));
  columns.push_back("variance_bytes");
  KeptNodes nodes(profile, most_nodes);
  Values left_out;
  std::uint64_t left_out_sites = 0, left_out_most = 0;
  for (const Site *site : by_amount(profile)) {
    const std::uint32_t leaf = rows.size() < most ? nodes.number(site->leaf) : 0;
    if (leaf == 0) {
      ++left_out_sites;
      left_out_most = std::max(left_out_most, site->values.live_bytes);
      left_out += site->values;
      continue;
    }
    json::array row = {leaf};
    for (const auto &[name, field] : kColumns) row.push_back(site->values.*field);
    row.push_back(site->values.variance_bytes);
    rows.push_back(std::move(row));
  }
  if (left_out_sites > 0) {
    page["left_out_sites"] = left_out_sites;
    page["left_out_most_bytes"] = left_out_most;
    page["left_out_live_bytes"] = left_out.live_bytes;
    page["left_out_live_blocks"] = left_out.live_blocks;
    page["left_out_allocations"] = left_out.allocations;
    page["left_out_allocated_bytes"] = left_out.allocated_bytes;
  }
  if (!profile.tags.empty()) page["tags"] = json::array(profile.tags.begin(), profile.tags.end());
  page["modules"] = modules_of(profile);
  page["site_columns"] = std::move(columns);
  page["sites"] = std::move(rows);
  page["nodes"] = nodes.take();
  return page;
}

std::optional<Profile> reported_in(const json::object &report) {
  const json::object *pages = page::object(report, "pages");
  const json::object *page = pages == nullptr ? nullptr : page::object(*pages, kField);
  return page == nullptr ? std::nullopt : std::optional(kept_profile(*page));
}

std::optional<Profile> kept_in(const Mark &mark) {
  try {
    if (const json::object *page = page::object(mark.file, kField)) return kept_profile(*page);
    return mark.at_exit ? reported_in(mark.file) : std::nullopt;
  } catch (const NoAnswer &failed) {
    throw UserError(
        fmt::format("the sites in '{}' are damaged: {}; make another mark", mark.name, failed.what()));
  }
}

std::vector<KeptMember> kept_members(const Mark &mark) {
  std::vector<KeptMember> kept;
  const auto add = [&](const Mark &one) {
    if (auto profile = kept_in(one)) kept.push_back({std::move(*profile), living_pid(one)});
  };
  if (mark.members.empty()) add(mark);
  for (const Mark &member : mark.members) add(member);
  return kept;
}

Mark mark_with_sites(const Target &target, const std::string &name, std::string &hindrance,
                     std::size_t sharing) {
  Mark mark = mark_living(target, name);
  try {
    const Profile profile = parse_profile(get(target.endpoint, HEAPMETER_PATH_SITES, in(kPatienceWithPages)));
    // Of another program that was started meanwhile?
    if (profile.start_time == mark.reading.start_time && profile.allocations >= mark.reading.allocations)
      mark.file[kField] = kept_page(profile, kMostKept / sharing, kMostKeptNodes / sharing);
    else
      hindrance = "it started another program meanwhile";
  } catch (const NoAnswer &silence) {
    // Which says what page an older library does not have.
    hindrance = silence.what();
  }
  return mark;
}

}  // namespace heapmeter::cli::sites
