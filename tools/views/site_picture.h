// SPDX-License-Identifier: MIT
//
// Sites as pictures: a page for browsers, and an SVG; pure. With an earlier view, what is between the two.
#pragma once

#include <string>

#include "flame/picture.h"
#include "views/site_table.h"

namespace heapmeter::cli {

// The stacks that the view chose, in their measure; where those are all there are (`whole`), what is in none
// of them too.
struct SitePicture {
  const SiteView &view;
  const SiteView *earlier = nullptr;
  bool whole = true;
  const flame::Holders *holders = nullptr;  // of what the view chose
};

std::string site_page(const SitePicture &picture);
std::string site_svg(const SitePicture &picture);

}  // namespace heapmeter::cli
