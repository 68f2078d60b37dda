// SPDX-License-Identifier: MIT
#include "verbs/commands.h"

namespace heapmeter::cli {
namespace {

constexpr Command kCommands[] = {
    {"run", "start a program metered, with a summary at its end", cmd_run},
    {"ps", "list the metered processes", cmd_ps},
    {"stat", "read one process: once, or again every few seconds", cmd_stat},
    {"top", "watch all metered processes, or one, full-screen", cmd_top},
    {"account", "where its memory is, from requested to resident", cmd_account},
    {"sizes", "what it holds and allocates, by size class", cmd_sizes},
    {"sites", "which code holds it: function, file and line", cmd_sites},
    {"threads", "what each of its threads allocated and freed", cmd_threads},
    {"leaks", "what nothing in it points at any more", cmd_leaks},
    {"holders", "who points at blocks of a function, or of a size", cmd_holders},
    {"mark", "keep a reading to compare with later; list those kept", cmd_mark},
    {"diff", "what changed since a mark: totals, size classes, threads", cmd_diff},
    {"during", "what a process did while a command ran, and for each request", cmd_during},
    {"record", "readings of all or some processes over time, into a file", cmd_record},
    {"report", "who grew in a recording, since when, by which code", cmd_report},
    {"doctor", "can this program be metered, is this process, and if not why", cmd_doctor},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

const Command *find_command(std::string_view name) {
  for (const Command &command : kCommands) {
    if (name == command.name) return &command;
  }
  return nullptr;
}

}  // namespace heapmeter::cli
