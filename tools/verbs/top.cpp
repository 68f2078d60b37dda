// SPDX-License-Identifier: MIT
//
// heapmeter top: all metered processes, full-screen; or the same as text, once, or as a line of JSON for each
// round. The picture itself is in top/.
#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>

#include <time.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json/array.hpp>

#include "readings/census.h"
#include "targets/chosen.h"
#include "targets/person.h"
#include "text/json_text.h"
#include "text/nearest.h"
#include "text/output.h"
#include "text/terminal.h"
#include "top/app.h"
#include "top/closer_look.h"
#include "top/code_look.h"
#include "top/letters.h"
#include "top/list_view.h"
#include "top/process_view.h"
#include "top/signal_queue.h"
#include "verbs/arguments.h"
#include "verbs/commands.h"
#include "verbs/target_options.h"

namespace heapmeter::cli {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kPatienceWithAll = 1000ms;
constexpr auto kFirstRound = 200ms;  // rates need two
constexpr int kUsualWidth = 80;

struct Options {
  Wanted wanted;
  std::string sort = "live";
  std::int64_t count = 0;
  bool once = false, json = false, ascii = false, no_mouse = false;
};

double seconds(Clock::time_point time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

// The schema of top --json.
std::string json_line(const tui::Board &board, const tui::State &state) {
  boost::json::array processes;
  for (const tui::Listed &each : tui::listed(board, state, {}))
    processes.push_back(process_json(each.row->member));
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return json_text(boost::json::object{
             {"schema", 1},
             {"time", static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9},
             {"processes", processes}}) +
         "\n";
}

int page_width() {
  const int width = terminal_columns(STDOUT_FILENO);
  return width >= tui::kLeastWidth ? width : kUsualWidth;
}

// What an opened process is asked besides its snapshot, while nobody waits for keys.
class Opened {
 public:
  // Twice, for the rates of its threads.
  tui::Inspection look(const Member &member) {
    if (!closer_) {
      closer_.emplace(member);
      code_.emplace(member);
    }
    closer_->go_on(keep(inspection_));
    code_->go_on(keep(inspection_.code));
    return inspection_;
  }

 private:
  // The code is kept where the inspection, which has none, does not overwrite it.
  static tui::Publish<tui::Inspection> keep(tui::Inspection &into) {
    return [&into](const tui::Inspection &found) {
      auto code = std::move(into.code);
      into = found;
      into.code = std::move(code);
      return true;
    };
  }
  static tui::Publish<tui::Code> keep(std::optional<tui::Code> &into) {
    return [&into](const tui::Code &found) {
      into = found;
      return true;
    };
  }

  std::optional<tui::CloserLook> closer_;
  std::optional<tui::CodeLook> code_;
  tui::Inspection inspection_;
};

// A round, a fifth of a second, and then what is asked for, once or every interval.
int print_rounds(const Options &options, const tui::State &state, const Census::Finder &group) {
  const auto step =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(state.interval));
  const bool utf8 = tui::take_locale() && !options.ascii;
  Census census(kPatienceWithAll, group);
  tui::Board board;
  const auto take = [&](Clock::duration patience) {
    const auto start = Clock::now();
    census.begin();
    census.go_on(start + patience);
    board.update(census.members(), seconds(start));
  };
  Opened opened;
  const auto text = [&] {
    const int width = page_width();
    const tui::Row *row = board.find(state.opened);
    if (row == nullptr) return tui::draw_whole_list(width, board, state, {utf8}).text();
    const bool asked = row->answering() && row->member.reading;
    return tui::draw_whole_process(width, board, *row, asked ? opened.look(row->member) : tui::Inspection(),
                                   state, {utf8})
        .text();
  };
  take(kPatienceWithAll);
  if (const tui::Row *row = board.find(state.opened); row != nullptr && row->answering() && !options.json)
    opened.look(row->member);
  for (const std::string &text : census.refused()) output::note(text);
  std::this_thread::sleep_for(kFirstRound);
  auto next = Clock::now();
  for (std::int64_t shown = 0; options.count == 0 || shown < options.count; ++shown) {
    std::this_thread::sleep_until(next);
    next = std::max(next + step, Clock::now());
    take(std::min<Clock::duration>(kPatienceWithAll, std::max<Clock::duration>(step, kFirstRound)));
    if (!state.opened.empty() && board.find(state.opened) == nullptr) {
      output::note(printable(options.wanted.text()) + " has ended");
      return shown > 0 ? kOk : kFailed;
    }
    if (options.json) {
      output::write(json_line(board, state));
    } else {
      output::write((shown > 0 ? "\n" : "") + text());
    }
  }
  return kOk;
}

// A group is a list with its name, one process is opened.
void choose_in(tui::State &state, const Chosen &chosen) {
  if (chosen.is_group) {
    state.group = chosen.wanted.text();
    return;
  }
  state.opened = state.selected = chosen.only().endpoint.path();
  state.chosen = true;
  state.showing = tui::Showing::kProcess;
}

int show(const Options &options, tui::State state, const std::optional<Chosen> &chosen) {
  tui::Subject subject;
  if (chosen && chosen->is_group) {
    subject.group = finder_of(options.wanted);
  } else if (chosen) {
    subject.opened = chosen->only().endpoint;
  }
  const int ending = tui::run_app(std::move(state), std::move(subject), options.ascii, !options.no_mouse);
  if (ending != 0) tui::SignalQueue::obey(ending);
  return kOk;
}

std::vector<std::string> column_names() {
  std::vector<std::string> names;
  for (const tui::ListColumn &column : tui::list_columns()) names.emplace_back(column.name);
  return names;
}

std::string column_list() {
  std::string list;
  for (const std::string &name : column_names()) list += (list.empty() ? "" : ", ") + name;
  return list;
}

}  // namespace

int cmd_top(const Arguments &arguments) {
  Options options;
  tui::State state;
  Parser parser(
      "top", "[OPTIONS] [TARGET...]",
      "Shows all metered processes full-screen, or those of a group, or opens one; ? shows the keys.",
      "  heapmeter top\n"
      "  heapmeter top python3                     opens that process, or lists all of that name\n"
      "  heapmeter top --below $$\n"
      "  heapmeter top --once --sort rss           one picture as text\n"
      "  heapmeter top --once python3              the same of that process\n"
      "  heapmeter top --json -c 1 | jq '.processes[].live_bytes'");
  add_targets(parser, options.wanted);
  parser.option("-i,--interval", state.interval, "SECONDS", "read every so many seconds (1)");
  // Named as those are that an option takes nothing but: completions offer them.
  parser.option("--sort", options.sort, fmt::format("COLUMN:{{{}}}", fmt::join(column_names(), ",")),
                "by this column; < and > go to the next (live)");
  parser.flag("--reverse", state.reverse, "the other way round");
  parser.option("--filter", state.filter, "TEXT", "only processes whose name has these letters");
  parser.flag("--tree", state.tree, "children below their parents");
  parser.bytes(state.exact);
  parser.flag("--ascii", options.ascii, "no block letters, whatever the locale");
  parser.flag("--no-mouse", options.no_mouse, "leave the mouse to the terminal, which marks text with it");
  parser.flag("--once", options.once, "print one picture as text and end");
  parser.json(options.json, "a JSON object a line for each reading, until interrupted");
  parser.option("-c,--count", options.count, "N", "with --json or --once: this many, then end");
  if (!parser.parse(arguments)) return kOk;

  if (!(state.interval >= 0.1 && state.interval <= 3600)) {
    throw UserError(
        fmt::format("an interval of {:g} s is outside 0.1 to 3600; see heapmeter top --help", state.interval),
        kUsage);
  }
  const tui::ListColumn *column = tui::find_list_column(options.sort);
  if (column == nullptr) {
    throw UserError(fmt::format("no column '{}'{} there are {}", printable(options.sort),
                                did_you_mean(options.sort, column_names()), column_list()),
                    kUsage);
  }
  state.sort = column->id;
  const bool has_count = parser.given("--count");
  if (has_count && options.count < 1) {
    throw UserError("--count is the number of pictures; give 1 or more, or leave it out", kUsage);
  }
  if (!options.once && !options.json && has_count)
    throw UserError("--count goes with --once or --json", kUsage);
  const auto chosen = options.wanted.given() ? std::optional(choose(options.wanted)) : std::nullopt;
  if (chosen) choose_in(state, *chosen);
  if (!options.once && !options.json) return show(options, std::move(state), chosen);
  if (options.once && !has_count) options.count = 1;
  return print_rounds(options, state, chosen ? finder_of(options.wanted) : Census::Finder());
}

}  // namespace heapmeter::cli
