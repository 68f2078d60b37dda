// SPDX-License-Identifier: MIT
//
// What is shown of processes and of their numbers.
#include "readings/difference.h"
#include "readings/load.h"
#include "text/fit.h"
#include "tools/mark_text.h"
#include "tools/readings/sample_account.h"
#include "tools/screens/screen.h"
#include "tools/targets/shop.h"
#include "verdicts/judge.h"
#include "views/account.h"
#include "views/account_series.h"
#include "views/class_table.h"
#include "views/diagnosis.h"
#include "views/difference.h"
#include "views/load.h"
#include "views/marks.h"
#include "views/reading.h"
#include "views/series_table.h"
#include "views/site_difference.h"
#include "views/verdicts.h"

namespace heapmeter::testing {
namespace {

using namespace cli;
namespace json = boost::json;

std::string ps(const Look &look) {
  const auto all = shop_lines(look.width != 80);
  return process_table({all.begin() + 18, all.end()}, look);
}

std::string ps_sorted(const Look &look) {
  auto all = shop_lines(look.width != 80);
  all.erase(all.begin(), all.begin() + 18);
  sort_processes(all, "growth");
  return process_table(all, look);
}

std::string ps_group(const Look &look) {
  const auto all = shop_lines(look.width != 80);
  return group_table("prefork: 21 processes", {all.begin(), all.begin() + 21}, look);
}

std::string ps_groups(const Look &look) {
  std::vector<NamedGroup> groups = {{"prefork", {}}, {"nginx", {&shop_members()[21]}}};
  for (std::size_t at = 0; at < 21; ++at) groups[0].members.push_back(&shop_members()[at]);
  return groups_table(groups, look);
}

// With a wrong call of each kind.
cli::Reading wrong() {
  const auto fault = [](const char *what, const char *allocated, const char *released, int bytes, int count) {
    return json::object{{"fault", what},
                        {"allocated_by", allocated},
                        {"released_by", released},
                        {"bytes", bytes},
                        {"count", count}};
  };
  return parse_reading(snapshot_text(
      {{"name", "checkout"},
       {"uptime_seconds", 7384},
       {"live_bytes", 133'169'152},
       {"live_blocks", 130'048},
       {"usable_bytes", 145'000'000},
       {"peak_bytes", 134'000'000},
       {"peak_error_bytes", 98'304},
       {"allocations", 2'418'300},
       {"frees", 2'288'252},
       {"allocated_bytes", 3'100'000'000},
       {"freed_bytes", 2'966'830'848},
       {"reallocations", 40'512},
       {"reallocations_grown", 30'000},
       {"reallocations_shrunk", 512},
       {"reallocations_moved", 8'100},
       {"failures", 2},
       {"threads", 5},
       {"mismatches", 3},
       {"size_mismatches", 1},
       {"double_frees", 1},
       {"foreign_frees", 1},
       {"inner_frees", 1},
       {"meter_bytes", 9'830'400},
       {"meter_ledger_bytes", 9'400'000},
       {"meter_slot_bytes", 65'536},
       {"meter_other_bytes", 364'864},
       {"allocations_by_kind",
        {{"malloc", 2'000'000},
         {"calloc", 1'200},
         {"new", 400'000},
         {"new_array", 17'000},
         {"new_aligned", 100}}},
       {"frees_by_kind", {{"free", 1'900'000}, {"delete_sized", 380'000}, {"delete_array", 8'252}}},
       {"faults", json::array{fault("mismatch", "new_array", "free", 4096, 2),
                              fault("mismatch", "malloc", "delete_array", 24, 1),
                              fault("size_mismatch", "new_array_aligned", "delete_array_sized", 1 << 20, 1),
                              fault("double_free", "", "free", 0, 1), fault("foreign_free", "", "free", 0, 1),
                              fault("inner_free", "", "realloc", 0, 1)}}}));
}

std::string stat(const Look &look) {
  verdicts::Observed observed;
  observed.reading = wrong();
  return folded_lines(reading_block(wrong(), "checkout (4711)", 140'000'000, look.units, look.paint),
                      look.width, kLabelled) +
         verdicts_text(verdicts::judge(observed), look.paint, look.width);
}

std::string stat_series(const Look &look) {
  const SeriesTable table(look.units, false, look.width);
  const Member quiet = member(1, "x", 1 << 20), grows = member(1, "x", std::uint64_t{1023} << 20, 900 << 20);
  std::string text = table.header();
  text += table.row({quiet.reading.get(), std::nullopt, std::nullopt});
  return text + table.row({grows.reading.get(), grows.resident, grows.rates()});
}

std::string stat_group_series(const Look &look) {
  const SeriesTable table(look.units, true, look.width);
  const Member one = member(1, "x", std::uint64_t{1023} << 20, -(900 << 20));
  return table.header() + table.row({one.reading.get(), one.resident, one.rates(), 21});
}

std::string stat_group(const Look &look) {
  const auto all = shop_lines();
  return folded_lines(reading_block(wrong(), "prefork: 21 processes", 260 << 20, look.units, look.paint),
                      look.width, kLabelled) +
         "\n" + group_rows({all.begin(), all.begin() + 21}, look);
}

std::string account(const Look &look) {
  verdicts::Observed observed;
  observed.account = make_account(sample_input());
  observed.reading = wrong();
  return account_text(make_account(sample_input()), "prog (123)", look.units, look.paint, look.utf8,
                      look.width) +
         verdicts_text(verdicts::judge(observed), look.paint, look.width);
}

std::string account_series(const Look &look) {
  AccountSeries series;
  const std::string header = series.header_when_due(look.units, look.paint, 24);
  return header + series.row(make_account(sample_input()), look.units);
}

Mark later() {
  json::object object = mark_object({{"monotonic_ns", 15'000'000'000},
                                     {"live_bytes", 5980},
                                     {"live_blocks", 68},
                                     {"allocations", 140},
                                     {"frees", 72},
                                     {"allocated_bytes", 12'500},
                                     {"freed_bytes", 6520},
                                     {"mismatches", 2}});
  object["name"] = "after";
  object["time"] = 1'700'000'010.5;
  object["sizes"].as_object()["classes"] =
      json::array{class_object(16, 3, 40, 9), class_object(32, 35, 1120, 91), class_object(64, 30, 2000, 40)};
  object["threads"].as_object()["threads"] =
      json::array{thread_object(123, "prog", 95, 8450, 4020), thread_object(125, "late", 5, 50, 0)};
  return parse_mark(json_text(object), "it");
}

Mark earlier() { return parse_mark(mark_text(), "it"); }

std::string sizes(const Look &look) {
  return size_table(changes(earlier().classes, later().classes), 10, Since::kMark, look.units, look.paint,
                    look.utf8, look.width);
}

std::string threads(const Look &look) {
  return thread_table(later().threads, look.units, look.paint, look.width);
}

std::string mark(const Look &look) {
  KeptMark here{"before", "", earlier()}, far{"a-monday-in-november-with-a-long-name", "", later()};
  far.mark->host = "build-server-17.internal.example.org";
  const KeptMark damaged{
      "torn", "the mark '/home/somebody/.local/state/heapmeter/marks/torn' is damaged: incomplete JSON", {}};
  return marks_text({here, far, damaged}, look);
}

std::string mark_none(const Look &look) { return marks_text({}, look); }

std::string diff(const Look &look) {
  return difference_text(difference_between(earlier(), later()), earlier(), later(), "", look);
}

std::string during(const Look &look) {
  const auto load = [](std::vector<double> allocations) {
    Load made;
    made.process = "shop (25857)";
    made.name = "v1";
    made.per = 1000;
    for (const double each : allocations) {
      LoadCost cost;
      cost.seconds = 0.26;
      cost.allocations = each;
      cost.frees = each - 200;
      cost.allocated_bytes = 76 * each;
      cost.freed_bytes = 76 * each - 1'000'000;
      cost.kept_bytes = 1'000'000;
      cost.kept_blocks = 200;
      made.runs.push_back(cost);
    }
    return made;
  };
  const Load before = load({18'900, 18'892, 18'890});
  Load now = load({23'800, 23'900, 23'850});
  now.kept = changes(earlier().classes, later().classes);
  return load_text(now, "load.sh", &before, look.units, look.paint, look.utf8, look.width);
}

std::string doctor(const Look &look) {
  Diagnosis about;
  about.subject = "checkout (4711)";
  about.pid = 4711;
  about.library = "/usr/lib/x86_64-linux-gnu/libheapmeter.so";
  about.reading = wrong();
  about.socket = "/run/user/1000/heapmeter/4711-123456789.sock";
  about.findings = {
      {Found::k_own_heap, "/usr/bin/checkout",
       "checkout (4711) has 812 MiB in anonymous memory that is not malloc's, beside a heap of 127 MiB",
       "see heapmeter account 4711; a runtime's own heap is read with its own tools"},
      {Found::k_plugins, "", "plugins may bring libraries of their own",
       "what they allocate by malloc is counted too"}};
  return diagnosis_text(about, look.paint, look.width);
}

std::string doctor_refused(const Look &look) {
  Diagnosis about;
  about.subject =
      "/opt/a/directory/with/a/very/long/name/that/nobody/would/type/by/hand/but/a/script/does/server";
  about.findings = {{Found::k_static, about.subject,
                     about.subject + " is linked statically: nothing can be preloaded",
                     "link it dynamically"}};
  return diagnosis_text(about, look.paint, look.width);
}

}  // namespace

std::vector<Screen> screens_of_processes() {
  return {{"ps", ps},
          {"ps_sorted", ps_sorted},
          {"ps_group", ps_group},
          {"ps_groups", ps_groups},
          {"stat", stat},
          {"stat_group", stat_group},
          {"stat_series", stat_series},
          {"stat_group_series", stat_group_series},
          {"account", account},
          {"account_series", account_series},
          {"sizes", sizes},
          {"threads", threads},
          {"mark", mark},
          {"mark_none", mark_none},
          {"diff", diff},
          {"during", during},
          {"doctor", doctor},
          {"doctor_refused", doctor_refused}};
}

}  // namespace heapmeter::testing
