// SPDX-License-Identifier: MIT
#include "cli/completion.h"

#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace heapmeter::cli {
namespace {

constexpr const char *kSidewords = "help --help --version";

bool is_file(const OptionSheet &option) { return option.value == "FILE" || option.value == "PATH"; }
bool is_mark(const OptionSheet &option) { return option.value == "MARK"; }
bool is_load(const OptionSheet &option) { return option.value == "LOAD"; }
bool is_process(const OptionSheet &option) { return option.value == "PID"; }
bool is_directory(const OptionSheet &option) { return option.value == "DIR"; }

// Values that are worth offering; of HOW (text/sample_word.h) there are others, too.
std::vector<std::string> offered(const OptionSheet &option) {
  return option.value == "HOW" ? std::vector<std::string>{"every", "off", "512K"} : option.choices;
}

std::string verb_names(const std::vector<VerbSheet> &verbs) {
  std::string names;
  for (const VerbSheet &verb : verbs) names += (names.empty() ? "" : " ") + verb.name;
  return names;
}

// --- bash: one case for the values of options, one for the words of verbs

std::string bash_values(const VerbSheet &verb) {
  std::string cases;
  for (const OptionSheet &option : verb.options) {
    if (option.value.empty()) continue;
    std::string patterns;
    const auto add = [&](const std::string &name, const char *sign) {
      patterns += fmt::format("{}'{} {}{}'", patterns.empty() ? "" : " | ", verb.name, name, sign);
    };
    for (const std::string &name : option.names) {
      if (!option.may_lack_value) add(name, "");
      if (name.starts_with("--")) add(name, "=");
    }
    std::string words = ":";  // any text: nothing to offer
    if (const auto values = offered(option); !values.empty()) {
      words = fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$current\"))", fmt::join(values, " "));
    } else if (is_file(option)) {
      words = "_heapmeter_files -f \"$current\"";
    } else if (is_mark(option)) {
      words = "_heapmeter_marks \"$current\"";
    } else if (is_load(option)) {
      words = "_heapmeter_loads \"$current\"";
    } else if (is_process(option)) {
      words = "_heapmeter_pids \"$current\"";
    } else if (is_directory(option)) {
      words = "_heapmeter_files -d \"$current\"";
    }
    cases += fmt::format("    {}) {}; return ;;\n", patterns, words);
  }
  return cases;
}

std::string bash_words(const VerbSheet &verb) {
  std::string names;
  for (const OptionSheet &option : verb.options) {
    for (const std::string &name : option.names) names += (names.empty() ? "" : " ") + name;
  }
  std::string arguments = ":";
  if (verb.takes_program()) {
    arguments = "_heapmeter_program \"$current\"";
    if (verb.takes_target()) arguments += "; _heapmeter_targets \"$current\"";
  } else if (verb.takes_target()) {
    arguments = "_heapmeter_targets \"$current\"";
  } else if (verb.takes_file()) {
    arguments = "_heapmeter_files -f \"$current\"";
  }
  if (verb.takes_mark()) arguments += "; _heapmeter_marks \"$current\"";
  return fmt::format(
      "    {})\n"
      "      if [[ $current == -* ]]; then\n"
      "        COMPREPLY=($(compgen -W '{}' -- \"$current\"))\n"
      "      else\n"
      "        {}\n"
      "      fi ;;\n",
      verb.name, names, arguments);
}

// Options of `run` end where its program begins: from there on the words are another program's.
std::string bash_handover(const std::vector<VerbSheet> &verbs) {
  std::string cases;
  for (const VerbSheet &verb : verbs) {
    if (verb.takes_command()) {
      cases += fmt::format(
          "    {})\n"
          "      local at=2\n"
          "      while ((at < COMP_CWORD)) && [[ ${{COMP_WORDS[at]}} != -- ]]; do ((at += 1)); done\n"
          "      if ((at < COMP_CWORD)); then\n"
          "        _heapmeter_command $((at + 1)) \"$current\"\n"
          "        return\n"
          "      fi ;;\n",
          verb.name);
      continue;
    }
    if (verb.usage.find("[--]") == std::string::npos) continue;
    std::string valued;
    for (const OptionSheet &option : verb.options) {
      if (option.value.empty() || option.may_lack_value) continue;
      for (const std::string &name : option.names) valued += (valued.empty() ? "" : " | ") + name;
    }
    cases += fmt::format(
        "    {})\n"
        "      local at=2\n"
        "      while ((at < COMP_CWORD)); do\n"
        "        case ${{COMP_WORDS[at]}} in\n"
        "          --) ((at += 1)); break ;;\n"
        "          =) ((at += 2)) ;;\n"
        "          {}) [[ ${{COMP_WORDS[at + 1]}} == = ]] && ((at += 1)) || ((at += 2)) ;;\n"
        "          -*) ((at += 1)) ;;\n"
        "          *) break ;;\n"
        "        esac\n"
        "      done\n"
        "      if ((at < COMP_CWORD)) || [[ $previous == -- ]]; then\n"
        "        _heapmeter_command \"$at\" \"$current\"\n"
        "        return\n"
        "      fi ;;\n",
        verb.name, valued.empty() ? "''" : valued);
  }
  return cases;
}

// --- zsh

// Within '...[...]': quotes, brackets and colons have meanings of their own.
std::string zsh_quoted(std::string_view text) {
  std::string quoted;
  for (const char letter : text) {
    if (letter == '\'') {
      quoted += "'\\''";
      continue;
    }
    if (letter == '[' || letter == ']' || letter == ':') quoted += '\\';
    quoted += letter;
  }
  return quoted;
}

// A value may be joined to its option: "--count=3", "-c3".
const char *zsh_joined(const std::string &name, const OptionSheet &option) {
  if (option.value.empty()) return "";
  return option.may_lack_value ? "=-" : name.starts_with("--") ? "=" : "+";
}

std::string zsh_option(const OptionSheet &option) {
  std::string value;
  if (const auto values = offered(option); !values.empty()) {
    value = fmt::format(":{}:({})", option.value, fmt::join(values, " "));
  } else if (is_directory(option)) {
    value = ":" + option.value + ":_files -/";
  } else if (is_mark(option)) {
    value = ":" + option.value + ":_heapmeter_marks";
  } else if (is_load(option)) {
    value = ":" + option.value + ":_heapmeter_loads";
  } else if (is_process(option)) {
    value = ":" + option.value + ":_heapmeter_pids";
  } else if (!option.value.empty()) {
    value = ":" + option.value + (is_file(option) ? ":_files" : ": ");
  }
  if (option.may_lack_value) value.insert(0, ":");
  std::string specs;
  for (const std::string &name : option.names)
    specs += fmt::format(" \\\n        '{}{}[{}]{}'", name, zsh_joined(name, option), zsh_quoted(option.help),
                         value);
  return specs;
}

std::string zsh_verb(const VerbSheet &verb) {
  std::string text = fmt::format("    {})\n", verb.name);
  if (verb.takes_command())
    text +=
        "      local at=$words[(i)--]\n"
        "      if (( at < CURRENT )); then\n"
        "        shift $at words\n"
        "        (( CURRENT -= at ))\n"
        "        _normal\n"
        "        return\n"
        "      fi\n";
  const bool hands_over = verb.usage.find("[--]") != std::string::npos;
  text += hands_over ? "      _arguments -s -S" : "      _arguments -s";
  for (const OptionSheet &option : verb.options) text += zsh_option(option);
  if (hands_over) {
    text += " \\\n        '(-)1:program: _command_names -e' '*::argument: _normal'";
  } else if (verb.takes_program() && verb.takes_target()) {
    text += " \\\n        '*:program or pid:{_command_names -e; _heapmeter_targets}'";
  } else if (verb.takes_mark()) {
    text += " \\\n        '*:mark or target:{_heapmeter_marks; _heapmeter_targets}'";
  } else if (verb.takes_target()) {
    text += " \\\n        '*:target:_heapmeter_targets'";
  } else if (verb.takes_file()) {
    text += " \\\n        '*:file:_files'";
  }
  return text + " ;;\n";
}

}  // namespace

std::string bash_completion(const std::vector<VerbSheet> &verbs) {
  std::string values, words;
  for (const VerbSheet &verb : verbs) {
    values += bash_values(verb);
    words += bash_words(verb);
  }
  return fmt::format(R"sh(# bash completion for heapmeter; made from its own verbs and options.
_heapmeter_ask() {{
  local tool=${{COMP_WORDS[0]}}
  "${{tool/#~\//$HOME/}}" "$@" --json 2>/dev/null
}}

# Of the lines it reads those that begin as the word does. What a process or a mark is called is its maker's
# choice: the names never meet compgen -W, which would run what is in them. A name that JSON escapes is not
# among the lines; its process can be told by pid.
_heapmeter_offer() {{
  local line
  while IFS= read -r line; do
    printf -v line %q "$line"
    [[ $line == "$1"* ]] && COMPREPLY+=("$line")
  done
}}

_heapmeter_values() {{ # of the JSON it reads, by the names of fields
  grep -oE "\"($1)\":(\"[^\"\\\\]+\"|[0-9]+)" | sed 's/^[^:]*://; s/^"//; s/"$//'
}}

_heapmeter_targets() {{ _heapmeter_offer "$1" < <(_heapmeter_ask ps | _heapmeter_values 'local_pid|name'); }}

_heapmeter_pids() {{ _heapmeter_offer "$1" < <(_heapmeter_ask ps | _heapmeter_values 'local_pid'); }}

_heapmeter_files() {{ # -f or -d, the word
  mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
  ((${{#COMPREPLY[@]}} == 0)) || compopt -o filenames
}}

# Names, and files where there is a slash.
_heapmeter_marks() {{
  if [[ $1 == */* ]]; then
    _heapmeter_files -f "$1"
  else
    _heapmeter_offer "$1" < <(_heapmeter_ask mark | _heapmeter_values name)
  fi
}}

# What during --save has kept, which no verb lists.
_heapmeter_loads() {{
  if [[ $1 == */* ]]; then
    _heapmeter_files -f "$1"
  else
    local place=${{XDG_STATE_HOME:-$HOME/.local/state}}/heapmeter/loads file
    _heapmeter_offer "$1" < <(for file in "$place"/*.json; do
      [[ ! -f $file ]] || {{ file=${{file##*/}} && printf '%s\n' "${{file%.json}}"; }}
    done)
  fi
}}

_heapmeter_program() {{
  if [[ $1 == */* ]]; then
    _heapmeter_files -f "$1"
  else
    # compgen -c has words of the shell itself among them, which no other program starts.
    local name
    local -A own=()
    while IFS= read -r name; do [[ -n $(type -P -- "$name") ]] || own[$name]=1; done < <(compgen -abk -A function -- "$1")
    while IFS= read -r name; do [[ -n ${{own[$name]:-}} ]] || COMPREPLY+=("$name"); done < <(compgen -c -- "$1" | sort -u)
  fi
}}

_heapmeter_command() {{ # at which word it begins, the word
  if (($1 == COMP_CWORD)); then
    _heapmeter_program "$2"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  else
    _heapmeter_files -f "$2"
  fi
}}

_heapmeter() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} sign=
  # "--backend=next" comes as three words.
  if [[ $current == = ]]; then
    current= sign==
  elif [[ $previous == = ]] && ((COMP_CWORD > 2)); then
    previous=${{COMP_WORDS[COMP_CWORD - 2]}} sign==
  fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '{verbs} {side}' -- "$current"))
    return
  fi
  if [[ ${{COMP_WORDS[1]}} == help ]]; then
    COMPREPLY=($(compgen -W '{verbs}' -- "$current"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{handover}  esac
  case "${{COMP_WORDS[1]}} $previous$sign" in
{values}  esac
  case ${{COMP_WORDS[1]}} in
{words}  esac
}}
complete -F _heapmeter heapmeter
)sh",
                     fmt::arg("verbs", verb_names(verbs)), fmt::arg("side", kSidewords),
                     fmt::arg("handover", bash_handover(verbs)), fmt::arg("values", values),
                     fmt::arg("words", words));
}

std::string zsh_completion(const std::vector<VerbSheet> &verbs) {
  std::string list, cases;
  for (const VerbSheet &verb : verbs) {
    list += fmt::format("    '{}:{}'\n", verb.name, zsh_quoted(verb.summary));
    cases += zsh_verb(verb);
  }
  return fmt::format(R"sh(#compdef heapmeter
# zsh completion for heapmeter; made from its own verbs and options.
_heapmeter_offer() {{ # VERB FIELDS
  local -a found
  found=(${{(f)"$(_call_program "$1" "$tool" "$1" --json 2>/dev/null |
    grep -oE "\"($2)\":(\"[^\"\\\\]+\"|[0-9]+)" | sed 's/^[^:]*://; s/^"//; s/"$//')"}})
  compadd -a found
}}

_heapmeter_targets() {{ _heapmeter_offer ps 'local_pid|name' }}

_heapmeter_pids() {{ _heapmeter_offer ps local_pid }}

_heapmeter_marks() {{
  if [[ $PREFIX == */* ]]; then
    _files
  else
    _heapmeter_offer mark name
  fi
}}

_heapmeter_loads() {{
  if [[ $PREFIX == */* ]]; then
    _files
  else
    local -a found
    found=(${{XDG_STATE_HOME:-$HOME/.local/state}}/heapmeter/loads/*.json(N:t:r))
    compadd -a found
  fi
}}

_heapmeter() {{
  local -a verbs=(
{list}  )
  local -a others=('help:what a verb takes' '--help:the verbs there are' '--version:the version')
  if (( CURRENT == 2 )); then
    _describe verb verbs
    _describe other others
    return
  fi
  local tool=$words[1] verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
    help) _describe verb verbs ;;
{cases}  esac
}}

_heapmeter "$@"
)sh",
                     fmt::arg("list", list), fmt::arg("cases", cases));
}

}  // namespace heapmeter::cli
