// SPDX-License-Identifier: MIT
//
// What is shown when programs have ended: the summary of run, and reports of recordings.
#include <signal.h>

#include "report/data.h"
#include "report/records.h"
#include "report/text_view.h"
#include "run/summary.h"
#include "tools/report/made.h"
#include "tools/screens/screen.h"
#include "tools/sites/page_text.h"
#include "tools/snapshot_text.h"

namespace heapmeter::testing {
namespace {

using namespace cli;

RunResult alone() {
  RunResult run;
  run.command = {"/usr/bin/prog", "argument"};
  run.pid = 123;
  run.ending.wall_seconds = 2;
  run.ending.usage.ru_maxrss = 10 * 1024;
  run.reading = parse_reading(snapshot_text());
  run.reading->mismatches = 2;
  run.reading->faults = {{"mismatch", "new_array", "free", 4096, 2}};
  run.from_report = true;
  for (int at = 0; at < 40; ++at) {
    const std::uint64_t live = 1'000'000u * static_cast<unsigned>(at < 20 ? at + 1 : 40 - at);
    run.shape.add({0.05 * at, live, live});
  }
  run.peak_time = {1, 1.05};
  return run;
}

Page page_of(const Look &look) { return {look.width, look.utf8}; }

std::string run(const Look &look) { return summary_text(alone(), look.paint, page_of(look)); }

std::string run_killed(const Look &look) {
  RunResult result = alone();
  result.from_report = false;
  result.reading_age_seconds = 60;
  result.ending.signal = SIGKILL;
  result.uncounted = {{123, "/opt/browser", "/opt/browser brings its own malloc, and keeps its blocks there"},
                      {130, "/opt/go", "/opt/go is linked statically: nothing can be preloaded into it", 4}};
  result.unreported = {{131, "sh", ""}};
  result.still_running = {7, 8, 9, 10, 11, 12};
  return summary_text(result, look.paint, page_of(look));
}

std::string run_tree(const Look &look) {
  RunResult result = alone();
  const auto add = [&](int pid, const char *name, std::uint64_t peak, std::uint64_t rss) {
    result.children.push_back(of_report(parse_reading(snapshot_text({{"pid", pid},
                                                                     {"name", name},
                                                                     {"peak_bytes", peak},
                                                                     {"allocated_bytes", 80 * peak},
                                                                     {"rss_peak_bytes", rss},
                                                                     {"cpu_seconds", 2.49}}))));
  };
  add(5, "cc1plus", 8 << 20, 202 << 20);
  add(6, "as", 300'000, 9 << 20);
  add(7, "x86_64-linux-gnu-very-long-name", 2048, 1 << 20);
  return summary_text(result, look.paint, page_of(look));
}

std::string run_sites_and_leaks(const Look &look) {
  RunResult result = alone();
  PageText page;
  page.tell_peaks(150'000'000);
  const auto main = call("main", "shop.cpp", 12),
             serve = call("Server::serve(Request const&)", "server.cpp", 88);
  const auto add = [&](const symbols::Frame &code, std::uint64_t bytes, std::uint64_t at_peak) {
    page.add({main, serve, code}, bytes / 1000, bytes, 0, 0, at_peak, static_cast<double>(at_peak / 1000));
  };
  add(call("Session::Session(std::string, int)", "/src/shop/session.cpp", 41), 3'000, 122'683'392);
  add(call("(anonymous namespace)::Arena::grow()", "arena.cpp", 19), 5'242'880, 5'242'880);
  add(call("", "", 0, "libvendor.so.1"), 70'000, 900'000);
  SitesAtExit sites;
  sites.profile = sites::parse_profile(page.text());
  sites.named.stacks = sites::name_stacks(sites.profile, page.naming());
  sites.named.advice = {"no names for libvendor.so.1: apt install libvendor1-dbgsym"};
  result.sites = std::move(sites);
  LostAtExit lost;
  lost.looks = 1;
  lost.live_blocks = 40;
  lost::NamedRow row;
  row.row.sum.blocks = row.row.sum.least_blocks = 17;
  row.row.sum.bytes = row.row.sum.least_bytes = 17'000;
  row.row.family = "malloc";
  row.frames = {call("std::optional<Json> parse<Json, Options<true> >(std::string_view)", "/src/json.h", 7),
                call("Server::serve(Request const&)", "/src/server.cpp", 88), main};
  lost.sum = row.row.sum;
  lost.rows = {row};
  result.lost = lost;
  return summary_text(result, look.paint, page_of(look));
}

std::string report_of(const std::string &recorded, const Look &look, bool with_code) {
  record::Recording recording{record::source_of(std::string_view(recorded))};
  report::Story story = report::story_of(recording);
  story.file = "prod.hm";
  story.file_bytes = recorded.size();
  auto lives = report::told(story);
  if (with_code) {
    lives[1].code = {true,
                     static_cast<double>(kStartMs) / 1000 + 3600,
                     static_cast<double>(kStartMs) / 1000 + 14'400,
                     {{412.0 * kMiB, "Cart::add(Item) (cart.cpp:33) < checkout < main"}}};
  }
  return report::text(story, lives, {look.width, look.utf8, false, look.paint});
}

std::string report_day(const Look &look) { return report_of(shop().text(), look, true); }

std::string report_nobody(const Look &look) {
  Made made;
  made.round(0, {});
  return report_of(made.text(), look, false);
}

}  // namespace

std::vector<Screen> screens_of_runs() {
  return {{"run", run},           {"run_killed", run_killed},
          {"run_tree", run_tree}, {"run_sites_and_leaks", run_sites_and_leaks},
          {"report", report_day}, {"report_nobody", report_nobody}};
}

}  // namespace heapmeter::testing
