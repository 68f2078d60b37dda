// SPDX-License-Identifier: MIT
#include "cli/dispatch.h"

#include <exception>
#include <filesystem>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

#include "system/program.h"
#include "system/signals.h"
#include "system/unmetered.h"
#include "text/nearest.h"
#include "text/output.h"
#include "text/terminal.h"
#include "verbs/commands.h"
#include "verbs/habits.h"

namespace heapmeter::cli {
namespace {

bool is_program(const std::string &word) {
  try {
    find_program(word);
    return true;
  } catch (const UserError &) {
    return false;
  }
}

std::string help() {
  std::string text =
      "heapmeter, an electricity meter for the heap: how many bytes and blocks a\n"
      "program holds, exact and live\n\nUsage: heapmeter VERB [OPTIONS] ...\n\nVerbs:\n";
  for (const Command &command : commands())
    text += fmt::format("  {:<8} {}\n", command.name, command.summary);
  text +=
      "\nOptions:\n"
      "  -h,--help   this text; VERB --help for a verb's options and an example\n"
      "  --version   the version\n"
      "\nExample:\n"
      "  heapmeter run -- python3 -m json.tool big.json\n"
      "  heapmeter ps\n"
      "  heapmeter top\n"
      "  heapmeter stat python3 -i 1\n";
  return text;
}

std::string unknown(const Arguments &words) {
  const std::string &word = words.front();
  const bool option = word.starts_with('-');
  const std::string habit = habit_of_word(word, words.size() > 1 ? words[1] : "");
  if (!habit.empty())
    return fmt::format("there is no {} '{}'; did you mean {}? heapmeter --help lists what there is",
                       option ? "option" : "verb", printable(word), habit);
  std::vector<std::string> known = {"--help", "--version"};
  if (!option) {
    known = {"help"};
    for (const Command &command : commands()) known.emplace_back(command.name);
  }
  if (!option && nearest(word, known).empty() && is_program(word))
    return fmt::format("{0} is a program and no verb; meter it with heapmeter run -- {0}", printable(word));
  return fmt::format("unknown {} '{}'{} heapmeter --help lists what there is", option ? "option" : "verb",
                     printable(word), did_you_mean(word, known));
}

int run_verb(const Arguments &words) {
  const std::string &verb = words.front();
  if (const Command *command = find_command(verb)) {
    return command->run(Arguments(words.begin() + 1, words.end()));
  }
  throw UserError(unknown(words), kUsage);
}

int run_words(Arguments words) {
  if (words.empty()) {
    output::write_to(STDERR_FILENO, help());
    return kUsage;
  }
  if (words[0] == "help" && words.size() == 2) words = {words[1], "--help"};
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    output::write(help());
    return kOk;
  }
  if (words[0] == "--version") {
    output::write("heapmeter " HEAPMETER_VERSION "\n");
    return kOk;
  }
  return run_verb(words);
}

}  // namespace

int dispatch(int argc, char **argv) {
  output::occupy_standard_fds();
  signals::ignore_pipe();
  try {
    unmetered::ensure(argv);
    return run_words(Arguments(argv + 1, argv + argc));
  } catch (const UserError &error) {
    output::note(error.what());
    return error.exit_code();
  } catch (const output::ReaderGone &) {
    return kOk;
  } catch (const std::filesystem::filesystem_error &error) {
    output::note(fmt::format("{}: {}", error.path1().string(), error.code().message()));
    return kFailed;
  } catch (const std::exception &error) {
    output::note(error.what());
    return kFailed;
  }
}

}  // namespace heapmeter::cli
