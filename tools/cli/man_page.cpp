// SPDX-License-Identifier: MIT
#include "cli/man_page.h"

#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "cli/recipes.h"
#include "top/columns.h"
#include "top/key_groups.h"

namespace heapmeter::cli {
namespace {

// Text as roff takes it literally; a dot or quote that begins a line would be a request.
std::string roff(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (const char letter : text) {
    if (at_start && (letter == '.' || letter == '\'')) out += "\\&";
    at_start = letter == '\n';
    if (letter == '\\') {
      out += "\\e";
    } else if (letter == '-') {
      out += "\\-";
    } else {
      out += letter;
    }
  }
  return out;
}

std::string listed(const std::string &term, const std::string &text) {
  return fmt::format(".TP\n.B {}\n{}\n", roff(term), roff(text));
}

std::string option_entry(const OptionSheet &option) {
  std::string names;
  for (const std::string &name : option.names) names += (names.empty() ? "" : ", ") + name;
  std::string value = option.value.empty() ? "" : "\\fI" + roff(option.value) + "\\fR";
  if (!value.empty()) value = option.may_lack_value ? "[=" + value + "]" : " " + value;
  return fmt::format(".TP\n\\fB{}\\fR{}\n{}\n", roff(names), value, roff(option.help));
}

// Which every verb has, so it is told once.
bool is_help(const OptionSheet &option) { return option.names.back() == "--help"; }

std::string verb_entry(const VerbSheet &verb) {
  std::string text = fmt::format(".SS {}\n\\fBheapmeter {}\\fR {}\n.PP\n{}\n", roff(verb.name),
                                 roff(verb.name), roff(verb.usage), roff(verb.description));
  for (const OptionSheet &argument : verb.arguments) {
    text += fmt::format(".TP\n.I {}\n{}\n", roff(argument.names.front()), roff(argument.help));
  }
  for (const OptionSheet &option : verb.options) {
    if (!is_help(option)) text += option_entry(option);
  }
  return text + ".PP\n.nf\n" + roff(verb.example) + "\n.fi\n";
}

// What the screen of top has, as its own help says it.
std::string screen_of_top() {
  std::string text = ".SH SCREEN OF TOP\n";
  for (const tui::KeyGroup &group : tui::key_groups()) {
    text += fmt::format(".SS {}\n", group.where);
    for (const auto &[key, meaning] : group.keys) text += listed(key, meaning);
  }
  text += ".SS Columns, and the names that \\-\\-sort takes\n";
  for (const tui::ListColumn &column : tui::list_columns())
    text += listed(fmt::format("{} ({})", column.title, column.name), column.meaning);
  return text;
}

std::string recipe_entries() {
  std::string text = ".SH RECIPES\n";
  for (const Recipe &recipe : recipes())
    text +=
        fmt::format(".PP\n{}\n.PP\n.nf\n.RS 4\n{}.RE\n.fi\n", roff(recipe.question), roff(recipe.commands));
  return text;
}

constexpr std::pair<const char *, const char *> kVariables[] = {
    {"HEAPMETER_DIR", "directory of the sockets; else $XDG_RUNTIME_DIR/heapmeter, else /tmp/heapmeter-UID"},
    {"HEAPMETER_BACKEND", "mimalloc, or next to keep the program's own allocator and count it"},
    {"HEAPMETER_SERVE", "off: no service thread, no socket"},
    {"HEAPMETER_FOLLOW", "off: forked and executed children are not metered"},
    {"HEAPMETER_REPORT", "at exit: off, stderr, or a path for the snapshot as JSON; %p is the pid"},
    {"HEAPMETER_SAMPLE", "which code allocates: off, every, or one sample in so many bytes (512K)"},
    {"HEAPMETER_SITES_LIMIT", "memory that may be taken for that (64M)"},
    {"HEAPMETER_HUGE_PAGES",
     "on: huge pages for what the heap grows by, from 32 MiB on: faster, for some memory more"},
    {"HEAPMETER_LEAKS", "exit: the report at exit says which blocks nothing points at any more"},
    {"HEAPMETER_ONLY", "names of the programs to meter, with commas between"},
    {"HEAPMETER_EXCEPT", "names of programs not to meter, with commas between"},
    {"HEAPMETER_OFF", "1: the library passes everything through and counts nothing"},
    {"HEAPMETER_RUN", "set by run: the directory in which it is told of each process"},
    {"HEAPMETER_LIBRARY", "the libheapmeter.so that run preloads; else the one of the same installation"},
    {"XDG_STATE_HOME", "directory of heapmeter/marks, where mark keeps its files; else ~/.local/state"},
    {"NO_COLOR", "no colour, also on a terminal"},
    {"COLUMNS", "how wide what is not written to a terminal may be; else as wide as it comes"},
};

}  // namespace

std::string man_page(const std::vector<VerbSheet> &verbs) {
  std::string text =
      ".TH HEAPMETER 1 \"\" \"heapmeter " HEAPMETER_VERSION
      "\" \"User Commands\"\n"
      ".SH NAME\nheapmeter \\- an electricity meter for the heap\n"
      ".SH SYNOPSIS\n.B heapmeter\n.I VERB\n[\\fIOPTIONS\\fR] ...\n"
      ".br\n.B heapmeter help\n.I VERB\n.br\n.B heapmeter \\-\\-version\n"
      ".SH DESCRIPTION\n"
      "Meters the heap of any dynamically linked program: how many bytes and blocks it holds, exact and "
      "live. A\n"
      "program is metered when it is started with libheapmeter.so in LD_PRELOAD, which is what\n"
      ".B heapmeter run\ndoes; the other verbs read the counters of running programs.\n"
      ".SH VERBS\n";
  for (const VerbSheet &verb : verbs) text += listed(verb.name, verb.summary);
  text += listed("-h, --help", "of every verb: what it takes, and an example");
  for (const VerbSheet &verb : verbs) text += verb_entry(verb);
  text += screen_of_top() + recipe_entries();
  text += ".SH ENVIRONMENT\n";
  for (const auto &[name, meaning] : kVariables) text += listed(name, meaning);
  text +=
      ".SH EXIT STATUS\n0 well, 1 failed, 2 wrong usage, 3 a \\fB\\-\\-fail\\-if\\fR holds;\n.B run\nhas the "
      "program's own.\n"
      ".SH FILES\n";
  text +=
      listed("PID-STARTTIME.sock", "in the directory of the sockets: a metered process, speaking HTTP/1.1");
  text += listed("~/.local/state/heapmeter/marks/NAME.json", "a mark: a reading kept by heapmeter mark");
  text += listed("share/doc/heapmeter/tools/VERBS.md",
                 "in the prefix it is installed in: what every verb does, and what its lines mean");
  text += listed("share/doc/heapmeter/tools/FORMATS.md",
                 "beside it: what every verb prints with --json, field by field, and the columns of CSV");
  return text + ".SH SEE ALSO\n.BR ld.so (8),\n.BR malloc (3)\n";
}

}  // namespace heapmeter::cli
