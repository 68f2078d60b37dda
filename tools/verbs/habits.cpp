// SPDX-License-Identifier: MIT
#include "verbs/habits.h"

#include <algorithm>
#include <iterator>

namespace heapmeter::cli {
namespace {

struct Habit {
  std::string_view word, command;
};

constexpr Habit kWords[] = {
    {"attach",
     "heapmeter stat PID, of a process started by heapmeter run -- PROGRAM: none can be entered later"},
    {"trace", "heapmeter run --sites -- PROGRAM"},
    {"profile", "heapmeter run --sites -- PROGRAM"},
    {"start", "heapmeter run -- PROGRAM"},
    {"exec", "heapmeter run -- PROGRAM"},
    {"live", "heapmeter top"},
    {"monitor", "heapmeter top"},
    {"list", "heapmeter ps"},
    {"show", "heapmeter stat TARGET"},
    {"info", "heapmeter stat TARGET"},
    {"dump", "heapmeter stat TARGET --json"},
    {"version", "heapmeter --version"},
    {"-v", "heapmeter --version"},
    {"-V", "heapmeter --version"},
    {"flamegraph", "heapmeter sites TARGET --flame FILE.html"},
    {"flame", "heapmeter sites TARGET --flame FILE.html"},
    {"table", "heapmeter sites TARGET"},
    {"summary", "heapmeter sites TARGET"},
    {"tree", "heapmeter sites TARGET --tree"},
    {"analyze", "heapmeter report FILE"},
    {"print", "heapmeter report FILE"},
    {"gather", "heapmeter record -o FILE"},
    {"massif", "heapmeter record -o FILE, or heapmeter run --sites -- PROGRAM"},
    {"memcheck", "heapmeter run --leaks -- PROGRAM"},
    {"dhat", "heapmeter run --sites -- PROGRAM"},
    {"snapshot", "heapmeter mark NAME TARGET"},
    {"compare", "heapmeter diff MARK"},
    {"-p", "heapmeter stat PID"},
    {"--pid", "heapmeter stat PID"},
    {"--attach",
     "heapmeter stat PID, of a process started by heapmeter run -- PROGRAM: none can be entered later"},
    {"--leak-check", "heapmeter run --leaks -- PROGRAM, or heapmeter leaks TARGET"},
    {"--show-leak-kinds", "heapmeter run --leaks -- PROGRAM, or heapmeter leaks TARGET"},
    {"--tool", "heapmeter run --leaks -- PROGRAM for memcheck, run --sites -- PROGRAM for massif and dhat"},
    {"--live", "heapmeter run -- PROGRAM, and beside it heapmeter top PROGRAM"},
    {"-o", "heapmeter record -o FILE, or heapmeter run --output FILE -- PROGRAM"},
    {"--output", "heapmeter record -o FILE, or heapmeter run --output FILE -- PROGRAM"},
};

// Of a verb, or of all ("").
struct OptionHabit {
  std::string_view verb, option, command;
};

constexpr OptionHabit kOptions[] = {
    {"run", "-p", "heapmeter stat PID (run starts a program; none can be entered later)"},
    {"run", "--pid", "heapmeter stat PID (run starts a program; none can be entered later)"},
    {"run", "--attach", "heapmeter stat PID (run starts a program; none can be entered later)"},
    {"run", "-o", "--output FILE"},
    {"run", "--log-file", "--output FILE"},
    {"run", "--leak-check", "--leaks"},
    {"run", "--show-leak-kinds", "--leaks"},
    {"run", "--error-exitcode", "--fail-if 'lost>0' --fail-code N"},
    {"run", "--xml", "--json"},
    {"run", "--native", "--sites"},
    {"run", "--num-callers", "--sites, which has every caller"},
    {"run", "--live", "heapmeter top beside it"},
    {"run", "--tool", "--leaks for memcheck, --sites for massif and dhat"},
    {"run", "--follow-fork", "nothing: what it starts is metered, too, but for --no-follow"},
    {"run", "--trace-children", "nothing: what it starts is metered, too, but for --no-follow"},
    {"run", "--trace-python-allocators", "--python"},
    {"leaks", "--leak-check", "nothing: every look is a full one"},
    {"report", "-i", "FILE without an option"},
    {"report", "--input", "FILE without an option"},
    {"sites", "--flamegraph", "--flame FILE"},
    {"ps", "-p", "heapmeter ps PID"},
    {"ps", "-e", "heapmeter ps, which lists all that you may see"},
    {"ps", "-a", "heapmeter ps, which lists all that you may see"},
    {"ps", "-A", "heapmeter ps, which lists all that you may see"},
    {"ps", "--watch", "heapmeter top"},
    {"top", "-p", "heapmeter top PID"},
    {"top", "-d", "-i SECONDS"},
    {"top", "-b", "--once"},
    {"top", "-n", "--once -c N"},
    {"stat", "--watch", "-i SECONDS"},
    {"record", "-n", "--for TIME"},
    {"record", "-c", "--for TIME"},
    {"record", "-d", "--for TIME"},
    {"", "-p", "TARGET without an option: PID"},
    {"", "--pid", "TARGET without an option: PID"},
};

bool is_pid(std::string_view word) {
  return !word.empty() &&
         std::all_of(word.begin(), word.end(), [](char each) { return each >= '0' && each <= '9'; });
}

std::string with_pid(std::string_view command, std::string_view next) {
  constexpr std::string_view kPid = "PID";
  std::string text(command);
  if (const std::size_t at = text.find(kPid); at != text.npos && is_pid(next))
    text.replace(at, kPid.size(), next);
  return text;
}

// "--pid=4711" and "--pid 4711" alike.
struct Given {
  std::string_view name, next;
  Given(std::string_view option, std::string_view behind)
      : name(option.substr(0, option.starts_with('-') ? option.find('=') : option.npos)),
        next(name.size() < option.size() ? option.substr(name.size() + 1) : behind) {}
};

}  // namespace

std::string habit_of_word(std::string_view word, std::string_view next) {
  const Given given(word, next);
  const auto known = std::find_if(std::begin(kWords), std::end(kWords),
                                  [&](const Habit &each) { return each.word == given.name; });
  return known == std::end(kWords) ? "" : with_pid(known->command, given.next);
}

std::string habit_of_option(std::string_view verb, std::string_view option, std::string_view next) {
  const Given given(option, next);
  const auto known = std::find_if(std::begin(kOptions), std::end(kOptions), [&](const OptionHabit &each) {
    return each.option == given.name && (each.verb.empty() || each.verb == verb);
  });
  return known == std::end(kOptions) ? "" : with_pid(known->command, given.next);
}

}  // namespace heapmeter::cli
