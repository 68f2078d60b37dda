// SPDX-License-Identifier: MIT
//
// The verbs. A new one is verbs/<verb>.cpp, a declaration here and a row in commands.cpp.
#pragma once

#include <span>
#include <string_view>

#include "verbs/command.h"

namespace heapmeter::cli {

int cmd_run(const Arguments &arguments);
int cmd_ps(const Arguments &arguments);
int cmd_stat(const Arguments &arguments);
int cmd_doctor(const Arguments &arguments);
int cmd_top(const Arguments &arguments);
int cmd_account(const Arguments &arguments);
int cmd_sizes(const Arguments &arguments);
int cmd_sites(const Arguments &arguments);
int cmd_threads(const Arguments &arguments);
int cmd_leaks(const Arguments &arguments);
int cmd_holders(const Arguments &arguments);
int cmd_mark(const Arguments &arguments);
int cmd_diff(const Arguments &arguments);
int cmd_during(const Arguments &arguments);
int cmd_record(const Arguments &arguments);
int cmd_report(const Arguments &arguments);

// The file of `record` and `report` when none is named.
inline constexpr const char *kUsualRecording = "heapmeter.hm";

std::span<const Command> commands();
const Command *find_command(std::string_view name);

}  // namespace heapmeter::cli
