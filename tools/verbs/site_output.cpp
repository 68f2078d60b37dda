// SPDX-License-Identifier: MIT
#include "verbs/site_output.h"
#include "verbs/look.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include <unistd.h>

#include <fmt/format.h>

#include "sites/formats.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "text/saved_file.h"
#include "text/terminal.h"
#include "text/user_error.h"
#include "verbs/holder_names.h"
#include "views/site_picture.h"
#include "views/site_table.h"

namespace heapmeter::cli {
namespace {

using sites::By;

constexpr double kLeastShare = 0.0005;  // what less rounds to 0.0 %
constexpr std::int64_t kUsualRows = 15, kRepeatedRows = 5, kUsualTreeRows = 50, kUsualDepth = 4,
                       kUsualTreeDepth = 12;
// In JSON, where the other figures of a site count, too.
constexpr std::size_t kMostOfNothing = 10'000;

void require(bool has, const char *what) {
  if (!has) throw UserError(fmt::format("its library does not note {} by site", what));
}

std::int64_t usual_rows(const SiteOptions &options) {
  return options.json            ? std::numeric_limits<std::int64_t>::max()
         : !options.tree.empty() ? kUsualTreeRows
         : options.repeated      ? kRepeatedRows
                                 : kUsualRows;
}

}  // namespace

const sites::Naming &SiteOutput::naming(const sites::Profile &profile) {
  if (members_) return naming_of_members(profile);
  if (!namer_ || modules_ != profile.modules.size()) {
    modules_ = profile.modules.size();
    namer_.emplace(pid_, profile.modules);
    naming_ = [this](int module, std::uint64_t offset) { return namer_->name(module, offset); };
  }
  namer_->prepare(sites::places(profile));
  return naming_;
}

const sites::Naming &SiteOutput::naming_of_members(const sites::Profile &profile) {
  names_of_members_.emplace(members_->together, members_->pids, profile);
  naming_ = [this](int module, std::uint64_t offset) { return names_of_members_->name(module, offset); };
  return naming_;
}

std::vector<std::string> SiteOutput::advice() const {
  return members_ ? names_of_members_->advice() : namer_->advice();
}

std::vector<std::string> SiteOutput::untold_advice() {
  std::vector<std::string> lines = advice();
  std::erase_if(lines, [this](const std::string &line) { return !told_.insert(line).second; });
  return lines;
}

// The view's stacks are asked about in its order.
flame::Holders SiteOutput::holders_of(const TakenSites &taken, const SiteView &view) const {
  std::vector<std::uint32_t> leaves;
  std::unordered_map<std::uint32_t, std::uint32_t> stack_of;
  for (std::size_t at = 0; at < view.chosen.size(); ++at) {
    for (const std::uint32_t site : view.chosen[at]->sites) {
      const sites::Site &one = view.profile.sites.at(site);
      stack_of[one.leaf] = static_cast<std::uint32_t>(at);
      if (one.values.live_blocks > 0) leaves.push_back(one.leaf);
    }
  }
  flame::Holders holders;
  if (leaves.empty()) return holders;
  std::size_t asked = 0;
  const lost::Holding found = taken.ask_holders(leaves, asked);
  HolderNames names(pid_, found, HolderNames::code_of(view.profile, view.stacks), options_.units);
  for (std::size_t at = 0; at < asked; ++at) holders.asked.push_back(stack_of.at(leaves[at]));
  for (const lost::Pointers &each : found.holders) {
    const auto towards = stack_of.find(each.towards_leaf), from = stack_of.find(each.holder.leaf);
    if (towards == stack_of.end()) continue;
    holders.pointers.push_back({towards->second, names.name(each.holder), each.pointers, {}});
    if (from != stack_of.end()) holders.pointers.back().from_stack = from->second;
  }
  return holders;
}

// Of readings, not of changes: what lies between two is seen from both.
void SiteOutput::save_pictures(const TakenSites &taken, const SiteView &shown) {
  const sites::Selection selection{options_.focus, options_.ignore};
  const auto view_of = [&](const sites::Profile &profile, const sites::Stacks &stacks) {
    SiteView view{profile, stacks, sites::selected(stacks, selection)};
    view.by = shown.by;
    view.seconds = shown.seconds;
    view.label = shown.label;
    view.advice = shown.advice;
    return view;
  };
  sites::Stacks earlier_stacks, stacks;
  std::optional<SiteView> earlier;
  if (taken.earlier) {
    // The nodes and modules of a mark have numbers of their own.
    earlier_stacks = taken.earlier_members ? sites::named(taken.earlier_members->together,
                                                          taken.earlier_members->pids, *taken.earlier)
                                                 .stacks
                                           : sites::named(pid_, *taken.earlier).stacks;
    stacks = sites::name_stacks(taken.profile, naming(taken.profile));
    earlier.emplace(view_of(*taken.earlier, earlier_stacks));
  }
  const SiteView view = view_of(taken.profile, taken.earlier ? stacks : shown.stacks);
  const flame::Holders holders = options_.holders ? holders_of(taken, view) : flame::Holders{};
  const SitePicture picture{view, earlier ? &*earlier : nullptr,
                            options_.focus.empty() && options_.ignore.empty(),
                            options_.holders ? &holders : nullptr};
  if (!options_.flame.empty()) save_file(options_.flame, site_page(picture), "--flame");
  if (!options_.svg.empty()) save_file(options_.svg, site_svg(picture), "--svg");
}

// A row of the table by its name, each of its call stacks; or one call stack by its own.
void SiteOutput::write_site(const TakenSites &taken, const Look &look) {
  const sites::Profile &profile = taken.shown();
  const sites::Stacks stacks = sites::name_stacks(profile, naming(profile));
  std::string text;
  const auto add = [&](std::uint32_t site, const std::string &heading) {
    text += (text.empty() ? "" : "\n") + site_text(profile, site, heading, naming_, look, taken.threads);
  };
  for (const sites::Stacks::Stack &stack : stacks.stacks) {
    if (!stack.name.starts_with(options_.site)) continue;
    const std::size_t all = stack.sites.size();
    const auto most = static_cast<std::size_t>(options_.rows != 0 ? options_.rows : kUsualRows);
    for (std::size_t at = 0; at < std::min(all, most); ++at) {
      const std::string which = all == 1 ? "" : fmt::format(", call stack {} of {}", at + 1, all);
      add(stack.sites[at], "site " + stack.name + which);
    }
    if (all > most) text += fmt::format("\nand {} more (-n)\n", format::counted(all - most, "call stack"));
  }
  const sites::SiteNames names(profile);
  for (std::uint32_t at = 0; text.empty() && at < profile.sites.size(); ++at) {
    const std::string name = names.of(profile.sites[at]);
    if (name.starts_with(options_.site)) add(at, "call stack " + name);
  }
  if (text.empty())
    throw UserError(
        fmt::format("no site's name begins with {}; the column SITE has them (a terminal of 100 "
                    "columns or more), and heapmeter sites TARGET --json all of them",
                    printable(options_.site)));
  output::write(text);
}

void SiteOutput::write(const TakenSites &taken) {
  const sites::Profile &profile = taken.shown();
  members_ = taken.members;
  require(by_ != By::kPeak || profile.has_peaks, "the peak");
  if (by_ == By::kTemporary && !profile.has_temporary && profile.mode == sites::Mode::kSampled)
    throw UserError("samples do not tell what the very next call frees; --under 10ms tells what lived less");
  require(by_ != By::kTemporary || profile.has_temporary, "temporary blocks");
  require(by_ != By::kAge || profile.has_ages, "how old blocks are");
  const Look look = look_of(options_.units);
  if (!options_.site.empty()) return write_site(taken, look);
  const sites::Stacks stacks = sites::name_stacks(profile, naming(profile));
  const bool tree = !options_.tree.empty();
  SiteView view{
      profile,
      stacks,
      sites::ranked(stacks, by_, {options_.focus, options_.ignore}, options_.json ? kMostOfNothing : 0),
      by_,
      taken.seconds(),
      taken.label,
      options_.json ? advice() : untold_advice(),
      options_.rows != 0 ? options_.rows : usual_rows(options_),
      options_.depth != 0 ? options_.depth
      : tree              ? kUsualTreeDepth
                          : kUsualDepth,
      !options_.focus.empty() || !options_.ignore.empty(),
      options_.rows != 0 ? 0 : kLeastShare};
  if (!options_.flame.empty() || !options_.svg.empty()) save_pictures(taken, view);
  if (!options_.speedscope.empty())
    save_file(options_.speedscope, sites::speedscope_text(profile, stacks, view.chosen), "--speedscope");
  if (!options_.pprof.empty())
    save_file(options_.pprof, sites::gzipped(sites::pprof_message(profile, naming(profile))), "--pprof");
  if (options_.json) {
    boost::json::object object = sites_json(view);
    if (members_) object["members"] = members_->told;
    output::write(json_text(object) + "\n");
  } else if (options_.folded)
    output::write(sites::folded_text(stacks, view.chosen, by_));
  else if (tree)
    output::write(site_tree(
        view, options_.tree == "callees" ? sites::Direction::kCallees : sites::Direction::kCallers, look));
  else if (!options_.to_file())
    output::write(site_table(view, look));
}

}  // namespace heapmeter::cli
