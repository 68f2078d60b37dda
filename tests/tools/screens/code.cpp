// SPDX-License-Identifier: MIT
//
// What is shown of code that allocates, holds and loses.
#include "sites/ranking.h"
#include "tools/screens/screen.h"
#include "tools/sites/page_text.h"
#include "views/growth.h"
#include "views/holding.h"
#include "views/lost.h"
#include "views/site_difference.h"
#include "views/site_table.h"

namespace heapmeter::testing {
namespace {

using namespace cli;

PageText shop(const std::string &mode, std::uint64_t sessions) {
  PageText page;
  page.mode = mode;
  page.before_bytes = 540'000;
  page.before_blocks = 211;
  const auto main = call("main", "shop.cpp", 12),
             serve = call("Server::serve(Request const&)", "server.cpp", 88);
  const double samples = mode == "sampled" ? 1 : 0;
  page.add({main, serve, call("Session::Session(std::string, int)", "/src/shop/session.cpp", 41)}, sessions,
           sessions * 1024, 0, 0, 234, samples * 6.1e13);
  page.add(
      {main, serve, call("std::optional<Json> parse<Json, Options<true> >(std::string_view)", "json.h", 7),
       call("(anonymous namespace)::Arena::grow()", "arena.cpp", 19)},
      40, 5'242'880, 0, 0, 10, samples * 2.7e12);
  page.add({call("worker"), call("", "", 0, "libvendor.so.1")}, 1'204, 1'981'000, 0, 0, 4, samples * 1e12);
  page.add({main, call("a_name_without_any_blank_that_is_longer_than_any_terminal_is_wide_and_goes_on_and_on",
                       "a_file_of_a_name_just_as_long.cpp", 30)},
           2, 96);
  page.add({main, call("exit_list", "shop.cpp", 31)}, 1, 48);
  page.add_cut_short(3, 700);
  return page;
}

class Shown {
 public:
  explicit Shown(const PageText &page)
      : profile(sites::parse_profile(page.text())), stacks(sites::name_stacks(profile, page.naming())) {}

  SiteView view(sites::By by = sites::By::kLive) const {
    return {profile,
            stacks,
            sites::ranked(stacks, by, {}),
            by,
            2,
            "shop (4711)",
            {"only names of exported functions for libvendor.so.1, whose symbols were stripped: apt install "
             "libvendor1-dbgsym, or set DEBUGINFOD_URLS=https://debuginfod.debian.net"},
            4,
            3};
  }

  sites::Profile profile;
  sites::Stacks stacks;
};

std::string sites_table(const Look &look) { return site_table(Shown(shop("every", 119'808)).view(), look); }
std::string sites_sampled(const Look &look) {
  return site_table(Shown(shop("sampled", 119'808)).view(), look);
}
std::string sites_callers(const Look &look) {
  return site_tree(Shown(shop("every", 119'808)).view(), sites::Direction::kCallers, look);
}
std::string sites_callees(const Look &look) {
  return site_tree(Shown(shop("every", 119'808)).view(), sites::Direction::kCallees, look);
}
std::string sites_one(const Look &look) {
  const PageText page = shop("every", 119'808);
  const Shown shown(page);
  return site_text(shown.profile, 1, "site " + shown.stacks.stacks.at(1).name, page.naming(), look);
}

std::string diff_sites(const Look &look) {
  SiteDifference difference;
  difference.common = sites::Common::kAll;
  const Shown before(shop("every", 1'000)), after(shop("every", 119'808));
  difference.comparison = sites::compare(before.profile, before.stacks, after.profile, after.stacks);
  difference.attributed_seconds = 12;
  difference.is_living = true;
  difference.target = "4711";
  difference.advice = {"no names for libvendor.so.1: apt install libvendor1-dbgsym"};
  return site_difference_text(difference, 5, look);
}

symbols::Frame frame(const std::string &function, const std::string &file, int line) {
  return call(function, file, line);
}

LostView lost() {
  LostView view;
  view.look.live_blocks = 130'048;
  view.look.live_bytes = 133'169'152;
  view.look.registers = 6;
  view.look.not_looked_at_bytes = 4096;
  view.apart_seconds = 1;
  view.stacks_known = true;
  for (std::uint64_t at = 0; at < 20; ++at) {
    lost::Block one;
    one.address = 0x7f0000001000 + at * 16;
    one.bytes = 100'000;
    one.leaf = at < 10 ? 1 : 2;
    one.group = static_cast<std::uint32_t>(at);
    one.family = "malloc";
    view.look.blocks.push_back(one);
  }
  for (const lost::Row &row : lost::rows(view.look)) {
    view.rows.push_back(
        {row,
         {frame("std::optional<Json> parse<Json, Options<true> >(std::string_view)", "/src/json.h", 7),
          frame("Server::serve(Request const&)", "/src/server.cpp", 88),
          frame(row.leaf == 1
                    ? "a_name_without_any_blank_that_is_longer_than_any_terminal_is_wide_and_goes_on"
                    : "two",
                "/src/a.cpp", 30)}});
  }
  view.advice = {"no names for libvendor.so.1: apt install libvendor1-dbgsym"};
  return view;
}

std::string leaks(const Look &look) {
  return lost_text("shop (4711)", lost(), {20, 3, look.units, look.paint, look.width});
}

std::string leaks_contents(const Look &look) {
  LostView view = lost();
  view.contents = {{view.rows[0].row.example, "GET /cart?id=17 "},
                   {view.rows[1].row.example, "0123456789abcdef"}};
  view.registers = ReadRegisters{3, 1, false, 0.004};
  return lost_text("shop (4711)", view, {1, 3, look.units, look.paint, look.width});
}

std::string leaks_none(const Look &look) {
  LostView view;
  view.look.live_blocks = 17;
  view.look.live_bytes = 4000;
  return lost_text("shop (4711)", view, {20, 3, look.units, look.paint, look.width});
}

std::string leaks_growth(const Look &look) {
  GrowthView view;
  view.label = "shop (4711)";
  view.seconds = 60;
  view.readings = 30;
  view.places = 12;
  view.too_few = 3;
  view.bytes_before = 100 << 20;
  view.bytes_after = 160 << 20;
  GrowingPlace place;
  place.verdict.finding = growth::Finding::kHeldAndGrowing;
  place.verdict.kept.born = place.verdict.kept.all_born = 1000;
  place.verdict.kept.least = 950;
  place.verdict.kept.spans = 10;
  place.verdict.kept.least_spans = 9;
  place.verdict.bytes = {1e6, 0.9e6, 1.1e6};
  place.frames = {frame("Session::Session(std::string, int)", "/src/session.cpp", 41),
                  frame("Server::serve(Request const&)", "/src/server.cpp", 88)};
  place.bytes_before = 90 << 20;
  place.bytes_after = 150 << 20;
  view.growing = {place};
  return growth_text(view, 10, 3, look);
}

HoldingView holding() {
  HoldingView view;
  view.wanted = "blocks of 1025-1280 bytes";
  view.holding.blocks = 9'308;
  view.holding.bytes = 9'308 * 1100;
  view.holding.reached_blocks = 9'300;
  view.holding.not_looked_at_bytes = 4096;
  lost::Holder block, data, stack;
  block.kind = lost::Holder::Kind::kBlock;
  block.block_bytes = 64;
  block.offset = 16;
  data.kind = lost::Holder::Kind::kData;
  data.address = 0x555555558040;
  stack.kind = lost::Holder::Kind::kStack;
  stack.thread = 4712;
  const std::string code =
      "std::__detail::_Hash_node<std::pair<std::string const, std::unique_ptr<Session, "
      "std::default_delete<Session> > >, true> insert_or_assign  session.cpp:41";
  view.holding.holders = {{block, 9'200}, {data, 12}, {stack, 1}};
  view.holder_names = {holder_name(block, code, "", {}), holder_name(data, "", "sessions_by_id", {}),
                       holder_name(stack, "", "'worker'", {})};
  view.holding.ways = {{0, block, 9'200, 9'200 * 1100}, {1, data, 9'200, 9'200 * 1100}};
  view.way_names = {view.holder_names[0], view.holder_names[1]};
  return view;
}

std::string holders(const Look &look) { return holding_table("shop (4711)", holding(), 2, look); }
std::string holders_tree(const Look &look) { return holding_tree("shop (4711)", holding(), 20, look); }

}  // namespace

std::vector<Screen> screens_of_code() {
  return {{"sites", sites_table},
          {"sites_sampled", sites_sampled},
          {"sites_callers", sites_callers},
          {"sites_callees", sites_callees},
          {"sites_one", sites_one},
          {"diff_sites", diff_sites},
          {"leaks", leaks},
          {"leaks_contents", leaks_contents},
          {"leaks_none", leaks_none},
          {"leaks_growth", leaks_growth},
          {"holders", holders},
          {"holders_tree", holders_tree}};
}

}  // namespace heapmeter::testing
