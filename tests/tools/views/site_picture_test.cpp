// SPDX-License-Identifier: MIT
#include "views/site_picture.h"

#include <gtest/gtest.h>

#include "tools/sites/page_text.h"

using namespace heapmeter::testing;

namespace heapmeter::cli {
namespace {

bool has(const std::string &text, const std::string &part) { return text.find(part) != std::string::npos; }

// A reading as the verb takes it apart.
struct Reading {
  explicit Reading(const PageText &page, sites::By by = sites::By::kLive, const std::string &focus = "")
      : profile(sites::parse_profile(page.text())),
        stacks(sites::name_stacks(profile, page.naming())),
        view{profile, stacks, sites::selected(stacks, {focus, ""}), by} {
    view.label = "shop (4711)";
    view.advice = {"no names for libx.so"};
  }
  sites::Profile profile;
  sites::Stacks stacks;
  SiteView view;
};

PageText shop() {
  PageText page;
  page.add({call("main"), call("load")}, 2, 3072, 5, 8192);
  page.add({call("main"), call("index")}, 0, 0, 7, 1024);
  return page;
}

TEST(SitePicture, SaysWhoseItIsAndHowItWasFound) {
  const Reading reading(shop());
  for (const std::string &text : {site_svg({reading.view}), site_page({reading.view})}) {
    EXPECT_TRUE(has(text, "heapmeter sites shop (4711)"));
    EXPECT_TRUE(has(text, "every allocation attributed, for 1m 00s"));
    EXPECT_TRUE(has(text, "no names for libx.so"));
  }
  EXPECT_TRUE(has(site_svg({reading.view}), "<title>load\n3.00 KiB, 100.0 %"));
}

TEST(SitePicture, BeginsWithWhatTheOrderIsBy) {
  const Reading reading(shop(), sites::By::kAllocated);
  EXPECT_TRUE(has(site_svg({reading.view}), "<title>index\n1.00 KiB, 11.1 %")) << "though none of it is live";
  EXPECT_TRUE(has(site_page({reading.view}), "\"first\":2"));
}

TEST(SitePicture, HasWhatIsInNoSiteOnlyBesideAllThatIs) {
  PageText page = shop();
  page.before_bytes = 1024;
  page.before_blocks = 1;
  const Reading all(page), chosen(page, sites::By::kLive, "load");
  EXPECT_TRUE(has(site_svg({all.view}), "<title>(allocated before attribution began)\n1.00 KiB, 25.0 %"));
  EXPECT_FALSE(has(site_svg({chosen.view, nullptr, false}), "before attribution"));
}

TEST(SitePicture, OfTwoReadingsIsWhatLiesBetween) {
  PageText later = shop();
  later.add({call("main"), call("index")}, 1, 512);
  const Reading before(shop()), after(later, sites::By::kGrowth);
  const std::string text = site_svg({after.view, &before.view});
  EXPECT_TRUE(has(text, "<title>index\n0 B → 512 B, +512 B</title>")) << text;
  EXPECT_FALSE(has(text, "<title>load"));
}

}  // namespace
}  // namespace heapmeter::cli
