// SPDX-License-Identifier: MIT
#include "views/site_picture.h"

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "flame/page.h"
#include "flame/svg.h"
#include "text/format.h"
#include "views/site_line.h"

namespace heapmeter::cli {
namespace {

using sites::By;

const flame::Measure *measure_of(By by) {
  const auto field = by == By::kBlocks                         ? &sites::Values::live_blocks
                     : by == By::kAllocated || by == By::kRate ? &sites::Values::allocated_bytes
                     : by == By::kPeak                         ? &sites::Values::peak_bytes
                     : by == By::kTemporary                    ? &sites::Values::temporary
                                                               : &sites::Values::live_bytes;
  return std::find_if(flame::kMeasures.begin(), flame::kMeasures.end(),
                      [&](const flame::Measure &measure) { return measure.field == field; });
}

void add_without_stack(sites::Stacks &drawn, const char *words, const sites::Values &values) {
  if (values.live_bytes == 0 && values.live_blocks == 0 && values.allocations == 0) return;
  symbols::Frame frame;
  frame.function = words;
  sites::Stacks::Stack stack;
  stack.frames.push_back(static_cast<std::uint32_t>(drawn.frames.size()));
  stack.values = values;
  drawn.frames.push_back(frame);
  drawn.stacks.push_back(stack);
}

sites::Stacks drawn_of(const SiteView &view, bool whole) {
  sites::Stacks drawn;
  drawn.frames = view.stacks.frames;
  for (const sites::Stacks::Stack *stack : view.chosen) drawn.stacks.push_back(*stack);
  if (!whole) return drawn;
  add_without_stack(drawn, "(allocated before attribution began)", view.profile.before);
  add_without_stack(drawn, "(other sites: no more room)", view.profile.other);
  return drawn;
}

std::vector<std::string> notes(const SiteView &view) {
  std::vector<std::string> lines;
  std::istringstream text(site_head(view, Look{}) + site_notes(view, Look{}));
  for (std::string line; std::getline(text, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

template <typename Drawn>
std::string drawn_by(Drawn draw, const SitePicture &picture) {
  const sites::Stacks after = drawn_of(picture.view, picture.whole);
  sites::Stacks before;
  if (picture.earlier != nullptr) before = drawn_of(*picture.earlier, picture.whole);
  return draw(flame::Picture{"heapmeter sites " + picture.view.label, notes(picture.view), &after,
                             picture.earlier != nullptr ? &before : nullptr, measure_of(picture.view.by),
                             picture.holders});
}

}  // namespace

std::string site_page(const SitePicture &picture) { return drawn_by(flame::page, picture); }

std::string site_svg(const SitePicture &picture) { return drawn_by(flame::svg, picture); }

}  // namespace heapmeter::cli
