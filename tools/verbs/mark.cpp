// SPDX-License-Identifier: MIT
//
// heapmeter mark: keeps a reading for diff and sizes --since; lists and removes those kept.
#include <algorithm>
#include <optional>

#include <time.h>
#include <unistd.h>

#include <fmt/format.h>
#include <boost/json/array.hpp>

#include "readings/mark_store.h"
#include "readings/marked_process.h"
#include "sites/kept.h"
#include "targets/group_mark.h"
#include "text/format.h"
#include "text/json_text.h"
#include "text/output.h"
#include "text/table.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/target_options.h"
#include "views/reading.h"

namespace heapmeter::cli {
namespace {

namespace json = boost::json;

struct Kept {
  std::string name, error;
  std::optional<Mark> mark;  // or the error
};

std::string local_time(double seconds) {
  const auto whole = static_cast<time_t>(seconds);
  struct tm parts;
  char text[32] = "?";
  if (localtime_r(&whole, &parts) != nullptr) strftime(text, sizeof text, "%F %T", &parts);
  return text;
}

std::vector<Kept> load_all() {
  std::vector<Kept> all;
  for (const std::string &name : kept_marks()) {
    Kept kept{name, "", std::nullopt};
    try {
      kept.mark = load_mark(name);
    } catch (const UserError &error) {
      kept.error = error.what();
    }
    all.push_back(std::move(kept));
  }
  return all;
}

json::object to_json(const Kept &kept) {
  json::object object = {{"name", kept.name},
                         {"path", std::filesystem::absolute(mark_path(kept.name)).string()}};
  object["error"] = kept.mark ? json::value(nullptr) : json::value(kept.error);
  if (!kept.mark) return object;
  const Reading &reading = kept.mark->reading;
  object["time"] = kept.mark->time;
  object["host"] = kept.mark->host;
  object["process"] = reading.name;
  object["pid"] = reading.pid;
  object["start_time"] = reading.start_time;
  object["live_bytes"] = reading.live_bytes;
  object["live_blocks"] = reading.live_blocks;
  return object;
}

void write_json(const std::vector<Kept> &all) {
  json::array list;
  for (const Kept &each : all) list.push_back(to_json(each));
  output::write(json_text(json::object{{"schema", 1}, {"marks", std::move(list)}}) + "\n");
}

std::string list_text(const std::vector<Kept> &all, const Units &units) {
  if (all.empty()) return "No mark is kept. Make one: heapmeter mark NAME TARGET\n";
  Table table({{"NAME", Align::kLeft},
               {"TAKEN", Align::kLeft},
               {"PROCESS", Align::kLeft},
               {"LIVE"},
               {"BLOCKS"},
               {"HOST", Align::kLeft}});
  std::string damaged;
  for (const Kept &each : all) {
    if (!each.mark) {
      table.add({printable(each.name), "unreadable", "-", "-", "-", "-"});
      damaged += "\n" + printable(each.error);
      continue;
    }
    const Mark &mark = *each.mark;
    table.add({printable(each.name), local_time(mark.time), printable(mark.process()),
               units.bytes(mark.reading.live_bytes), units.count(mark.reading.live_blocks),
               printable(mark.host)});
  }
  return Paint::for_fd(STDOUT_FILENO).title(table.header()) + table.rows() +
         (damaged.empty() ? "" : damaged + "\n");
}

void keep(const std::string &name, const Wanted &wanted, bool as_json, const Units &units) {
  const auto path = mark_path(name);
  std::size_t without_sites = 0;
  std::string hindrance;
  const Chosen chosen = choose(wanted);
  const Mark mark = mark_of(chosen, mark_title(name), [&](const Target &target, const std::string &title) {
    std::string why;
    Mark one = sites::mark_with_sites(target, title, why, std::max<std::size_t>(chosen.targets.size(), 1));
    if (!why.empty()) ++without_sites, hindrance = why;
    return one;
  });
  if (without_sites > 0) {
    const std::string of = mark.members.size() <= without_sites
                               ? ""
                               : fmt::format(" of {} of {} processes", without_sites, mark.members.size());
    output::note(fmt::format("the mark has no sites{}: {}", of, printable(hindrance)));
  }
  save_mark(mark, path);
  if (as_json) {
    write_json({{name, "", mark}});
    return;
  }
  output::write(fmt::format("{}: {}, {} live in {} {}; kept in {}\n", printable(mark.name),
                            printable(mark.process()), units.bytes(mark.reading.live_bytes),
                            units.count(mark.reading.live_blocks),
                            mark.reading.live_blocks == 1 ? "block" : "blocks", printable(path.string())));
}

void remove_all(const std::vector<std::string> &names, bool as_json) {
  json::array removed;
  for (const std::string &name : names) {
    remove_mark(name);
    removed.push_back(json::value(name));
  }
  if (as_json) output::write(json_text(json::object{{"schema", 1}, {"removed", std::move(removed)}}) + "\n");
}

}  // namespace

int cmd_mark(const Arguments &arguments) {
  std::vector<std::string> words;
  Wanted wanted;
  bool removing = false, as_json = false;
  Units units;
  Parser parser("mark", "[OPTIONS] [MARK TARGET | --remove MARK...]",
                "Keeps a reading of a metered process, or of a group, for diff and sizes to compare with;\n"
                "without arguments, lists those kept. One of the same name is replaced. Marks are files,\n"
                "which another machine can read, in $XDG_STATE_HOME/heapmeter/marks or else in\n"
                "~/.local/state/heapmeter/marks; a MARK with a slash is a path of its own.",
                "  heapmeter mark before python3\n"
                "  heapmeter mark ./monday.json 4711\n"
                "  heapmeter mark\n"
                "  heapmeter mark --remove before");
  parser.words("MARK", words, "a name to keep it by, or a path; then a pid, a name or a socket's path");
  add_group_options(parser, wanted);
  parser.flag("-r,--remove", removing, "remove the marks of these names");
  parser.json(as_json, "a JSON object");
  parser.bytes(units.exact);
  if (!parser.parse(arguments)) return kOk;
  if (removing) {
    if (words.empty()) throw UserError("--remove which? heapmeter mark lists the marks there are", kUsage);
    remove_all(words, as_json);
  } else if (words.empty() && !wanted.given()) {
    const std::vector<Kept> all = load_all();
    as_json ? write_json(all) : output::write(list_text(all, units));
  } else if (words.size() == 2 || (words.size() == 1 && wanted.given())) {
    if (words.size() == 2) wanted.word = words[1];
    keep(words[0], wanted, as_json, units);
  } else {
    throw UserError("a mark is a name and a target: heapmeter mark NAME TARGET; see heapmeter mark --help",
                    kUsage);
  }
  return kOk;
}

}  // namespace heapmeter::cli
