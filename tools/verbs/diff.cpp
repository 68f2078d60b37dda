// SPDX-License-Identifier: MIT
//
// heapmeter diff: a mark or a report compared with its process now, with another, or with another process.
#include <algorithm>

#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "readings/mark_store.h"
#include "readings/marked_process.h"
#include "text/json_text.h"
#include "text/output.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/fail_if.h"
#include "views/difference.h"

namespace heapmeter::cli {
namespace {

bool is_socket(const std::string &path) {
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

Mark now(const Target &target) { return mark_living(target, "now"); }

// A mark or a target: a mark goes before a process of the same name.
Mark mark_or_target(const std::string &word) {
  if (word.find('/') != word.npos) return is_socket(word) ? now(resolve_target(word)) : load_mark(word);
  const bool digits = std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) return now(resolve_target(word));
  std::error_code hindrance;
  if (mark_exists(word, hindrance)) return load_mark(word);
  try {
    return now(resolve_target(word));
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

}  // namespace

int cmd_diff(const Arguments &arguments) {
  std::string first, second;
  bool as_json = false;
  Units units;
  Parser parser("diff", "[OPTIONS] MARK [MARK | TARGET]",
                "What changed since a mark: totals, size classes and threads, by growth. Without a\n"
                "second word, in the same process until now; else until that mark, or to the process\n"
                "TARGET now. A mark goes before a process of the same name. For a mark stands the path of\n"
                "what a process wrote at its exit, too (HEAPMETER_REPORT=PATH), or run --json --output.",
                "  heapmeter diff before\n"
                "  heapmeter diff monday tuesday\n"
                "  heapmeter diff before ./report.json\n"
                "  heapmeter diff ./v1.json ./v2.json --fail-if 'allocations>+5%'\n"
                "  heapmeter diff ./monday.json python3 --json | jq .totals.live_bytes.change");
  parser.word("MARK", first, "the name of a mark, or the path of one or of a report");
  parser.optional_word("OTHER", second, "likewise, or a pid, a name or a socket's path");
  parser.json(as_json, "a JSON object");
  parser.bytes(units.exact);
  FailIf fail_if;
  fail_if.add_options(parser);
  if (!parser.parse(arguments)) return kOk;
  fail_if.prepare({conditions::names_of_reading(), true});
  const Mark before = load_mark(first);
  const Mark after = parser.given("OTHER") ? mark_or_target(second) : now(marked_process(before));
  const Difference difference = difference_between(before, after);
  const conditions::Figures then = conditions::figures_in(before.file);
  if (fail_if.any()) fail_if.judge(conditions::figures_in(after.file), &then);
  if (as_json) {
    boost::json::object object = difference_json(difference, before, after);
    object["failed"] = fail_if.failed_json();
    output::write(json_text(object) + "\n");
  } else {
    output::write(
        difference_text(difference, before, after, units, Paint::for_fd(STDOUT_FILENO), speaks_utf8()));
  }
  return fail_if.exit_code(kOk);
}

}  // namespace heapmeter::cli
