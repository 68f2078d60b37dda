// SPDX-License-Identifier: MIT
#include "verbs/site_change.h"

#include <fmt/format.h>

#include "readings/marked_process.h"
#include "sites/kept.h"
#include "text/saved_file.h"
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

SiteChange::SiteChange(const Mark &before, const Mark &after, bool same_process)
    : before_{sites::kept_in(before), {}}, after_{sites::kept_in(after), {}} {
  difference.common = sites::common_of(before_.profile, after_.profile, same_process);
  difference.is_living = after_.profile && living_pid(after) != 0;
  difference.target = std::to_string(after.local_pid);
  label_ = fmt::format("{} -> {}", before.name, after.name);
  if (!difference.known()) return;
  if (difference.common == sites::Common::kOnlyAfter) before_.profile.reset();
  name_stacks(before_, before);
  name_stacks(after_, after);
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
