// SPDX-License-Identifier: MIT
#include "verbs/site_change.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "client/page.h"
#include "readings/marked_process.h"
#include "sites/kept.h"
#include "text/saved_file.h"
#include "text/terminal.h"
#include "text/user_error.h"
#include "views/site_picture.h"

namespace heapmeter::cli {

// A process that lives on knows best where its files are.
void SiteChange::name_stacks(Named &marked, const Mark &mark) {
  if (!marked.profile) marked.profile.emplace();
  marked.named = sites::named(living_pid(mark), *marked.profile);
}

SiteView SiteChange::picture_view(const Named &marked, double seconds) const {
  SiteView view{*marked.profile, marked.named.stacks, sites::selected(marked.named.stacks, {})};
  view.by = sites::By::kGrowth;
  view.seconds = seconds;
  view.label = label_;
  view.advice = marked.named.advice;
  return view;
}

namespace {

// What a group's processes have together, as one reading.
sites::Profile gathered(const std::vector<sites::KeptMember> &members, const Mark &mark,
                        sites::NamedStacks &named) {
  std::vector<sites::Profile> profiles;
  std::vector<int> pids;
  for (const sites::KeptMember &member : members) {
    profiles.push_back(member.profile);
    pids.push_back(member.pid);
  }
  sites::Together together = sites::together(profiles, mark.process());
  sites::Profile profile = std::move(together.profile);
  named = sites::named(together, pids, profile);
  return profile;
}

// How its processes are asked for.
std::string words_of(const Mark &mark) {
  if (mark.members.empty()) return std::to_string(mark.local_pid);
  const boost::json::object *group = page::object(mark.file, "group");
  const std::string word = group == nullptr ? "" : page::long_text(*group, "word", "a mark");
  return word.empty() ? "…" : fmt::format("'{}'", printable(word));
}

bool lives(const Mark &mark) {
  const auto lives_one = [](const Mark &one) { return living_pid(one) != 0; };
  return mark.members.empty() ? lives_one(mark)
                              : std::any_of(mark.members.begin(), mark.members.end(), lives_one);
}

}  // namespace

void SiteChange::read_groups(const Mark &before, const Mark &after) {
  std::vector<sites::KeptMember> then = sites::kept_members(before), now = sites::kept_members(after);
  difference.common = sites::common_of(then, now);
  difference.is_living = lives(after);
  if (!difference.known()) return;
  before_.profile = gathered(then, before, before_.named);
  after_.profile = gathered(now, after, after_.named);
}

SiteChange::SiteChange(const Mark &before, const Mark &after, bool same_process) {
  difference.target = words_of(after);
  label_ = fmt::format("{} -> {}", before.name, after.name);
  if (!before.members.empty() || !after.members.empty()) {
    read_groups(before, after);
  } else {
    before_.profile = sites::kept_in(before);
    after_.profile = sites::kept_in(after);
    difference.common = sites::common_of(before_.profile, after_.profile, same_process);
    difference.is_living = after_.profile && living_pid(after) != 0;
    if (after_.profile) difference.instead = after_.profile->instead;
    if (difference.common == sites::Common::kOnlyAfter) before_.profile.reset();
    if (difference.known()) {
      name_stacks(before_, before);
      name_stacks(after_, after);
    }
  }
  if (!difference.known()) return;
  difference.comparison =
      sites::compare(*before_.profile, before_.named.stacks, *after_.profile, after_.named.stacks);
  difference.estimated =
      before_.profile->mode == sites::Mode::kSampled || after_.profile->mode == sites::Mode::kSampled;
  difference.attributed_seconds = after_.profile->time - after_.profile->since;
  difference.advice = after_.named.advice;
}

void SiteChange::save(const std::string &flame, const std::string &svg, double seconds) const {
  if (flame.empty() && svg.empty()) return;
  if (!difference.known())
    throw UserError(
        "there is nothing to draw: the two do not both say which code holds what; switch that on "
        "with heapmeter sites TARGET --sample every, before the mark is made");
  const SiteView earlier = picture_view(before_, seconds);
  const SiteView later = picture_view(after_, seconds);
  const SitePicture picture{later, &earlier, true};
  if (!flame.empty()) save_file(flame, site_page(picture), "--flame");
  if (!svg.empty()) save_file(svg, site_svg(picture), "--svg");
}

}  // namespace heapmeter::cli
