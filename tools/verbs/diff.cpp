// SPDX-License-Identifier: MIT
//
// heapmeter diff: a mark or a report compared with its process now, with another, or with another process.
#include <algorithm>
#include <limits>
#include <optional>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "readings/mark_store.h"
#include "readings/marked_process.h"
#include "sites/kept.h"
#include "targets/group_mark.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/fail_if.h"
#include "verbs/look.h"
#include "verbs/site_change.h"
#include "views/difference.h"
#include "views/site_difference.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

constexpr std::int64_t kUsualRows = 5;
constexpr const char *kNotLooked =
    "a reading does not say what is lost; compare what heapmeter run --leaks --json --output FILE wrote, or "
    "ask "
    "heapmeter run --fail-if 'lost>0' or heapmeter leaks TARGET";

bool is_socket(const std::string &path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

// One that does not tell its sites is compared without them.
Mark now(const Chosen &chosen) {
  return mark_of(chosen, "now", [&](const Target &target, const std::string &title) {
    std::string hindrance;
    return sites::mark_with_sites(target, title, hindrance, std::max<std::size_t>(chosen.targets.size(), 1));
  });
}
Mark now(const std::string &word) { return now(choose({.words = {word}})); }

// A mark or a target: a mark goes before a process of the same name.
Mark mark_or_target(const std::string &word) {
  if (word.find('/') != word.npos) return is_socket(word) ? now(word) : load_mark(word);
  const bool digits = std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) return now(word);
  std::error_code hindrance;
  if (mark_exists(word, hindrance)) return load_mark(word);
  try {
    return now(word);
  } catch (const UserError &error) {
    // Which says how to name a file.
    std::error_code ignored;
    if (std::filesystem::is_regular_file(word, ignored)) return load_mark(word);
    const std::string no_mark =
        hindrance ? fmt::format("a mark '{}' is not to be seen ({})", printable(word), hindrance.message())
                  : fmt::format("there is no mark '{}'", printable(word));
    throw UserError(fmt::format("{}, and {}", no_mark, error.what()), error.exit_code());
  }
}

// Of a run all that it says: what is lost, and what is in no sum. Of a group, whose file is its members',
// what its totals say.
conditions::Figures figures_of(const Mark &mark, const json::object &of_group) {
  if (!of_group.empty()) return conditions::figures_in(of_group);
  if (!mark.members.empty()) return conditions::figures_in(mark.reading.fields);
  return conditions::figures_in(mark.of_run.empty() ? mark.file : mark.of_run);
}

json::object as_json(const Difference &difference, const SiteChange &sites, const Mark &before,
                     const Mark &after, std::int64_t rows) {
  json::object object = difference_json(difference, before, after);
  object["sites_known"] = sites.difference.known();
  object["sites_from_attribution_on"] = sites.difference.common == sites::Common::kOnlyAfter;
  object["sites"] = site_difference_json(sites.difference, rows);
  return object;
}

}  // namespace

int cmd_diff(const Arguments &arguments) {
  std::string first, second, flame, svg;
  std::int64_t rows = 0;
  bool with_json = false;
  Units units;
  Parser parser("diff", "[OPTIONS] MARK [MARK | TARGET]",
                "What changed since a mark: totals, code, size classes and threads, by growth. Without a\n"
                "second word, in the same process until now; else until that mark, or to the process\n"
                "TARGET now. A mark goes before a process of the same name. For a mark stands the path of\n"
                "what a process wrote at its exit, too (HEAPMETER_REPORT=PATH), or run --json --output.\n"
                "~ before a peak: about; heapmeter stat TARGET says between what.",
                "  heapmeter diff before\n"
                "  heapmeter diff monday tuesday\n"
                "  heapmeter diff before ./report.json\n"
                "  heapmeter diff ./v1.json ./v2.json --fail-if 'allocations>+5%'\n"
                "  heapmeter diff ./monday.json python3 --json | jq .totals.live_bytes.change");
  parser.word("MARK", first, "the name of a mark, or the path of one or of a report");
  parser.optional_word("OTHER", second, "likewise, or a pid, a name or a socket's path");
  parser.option("-n", rows, "N", "so many rows of code (5; with --json all)");
  parser.option("--flame", flame, "FILE", "what grew in red, what shrank in blue: a page for browsers");
  parser.option("--svg", svg, "FILE", "the same as a picture");
  parser.json(with_json, "a JSON object");
  parser.bytes(units.exact);
  FailIf fail_if;
  fail_if.add_options(parser);
  if (!parser.parse(arguments)) return kOk;
  if (parser.given("-n") && rows < 1)
    throw UserError("-n is the number of rows; give 1 or more; see heapmeter diff --help", kUsage);
  fail_if.prepare({conditions::names_of_reading(), true});
  const Mark before = load_mark(first);
  const Mark after = parser.given("OTHER") ? mark_or_target(second) : now(marked_now(before));
  const Difference difference = difference_between(before, after);
  const conditions::Figures then = figures_of(before, difference.group_before),
                            later = figures_of(after, difference.group_after);
  fail_if.want_look_in(later, kNotLooked);
  if (fail_if.any()) fail_if.judge(later, &then);
  const SiteChange sites(before, after, difference.same_process);
  sites.save(flame, svg, difference.seconds);
  const Look look = look_of(units);
  if (with_json) {
    const std::int64_t all = std::numeric_limits<std::int64_t>::max();
    json::object object = as_json(difference, sites, before, after, rows == 0 ? all : rows);
    object["failed"] = fail_if.failed_json();
    output::write(json_text(object) + "\n");
  } else {
    const std::string code = site_difference_text(sites.difference, rows == 0 ? kUsualRows : rows, look);
    output::write(difference_text(difference, before, after, code, look));
  }
  return fail_if.exit_code(kOk);
}

}  // namespace heapmeter::cli
