// SPDX-License-Identifier: MIT
//
// Where marks are kept: named ones in $XDG_STATE_HOME/heapmeter/marks, or ~/.local/state/heapmeter/marks; a
// name with a slash is a path of its own. A file is replaced as a whole or not at all, and one that is no
// mark is never replaced.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "readings/mark.h"

namespace heapmeter::cli {

// All throw UserError.

// Wrong names are usage; so are pids, which diff takes for processes.
std::filesystem::path mark_path(const std::string &name);
// `hindrance` when that cannot be seen.
bool mark_exists(const std::string &name, std::error_code &hindrance);
// The name that is written into the file: of a path its last part.
std::string mark_title(const std::string &name);

void save_mark(const Mark &mark, const std::filesystem::path &path);
// Or a report; of one that does not say its time, the file's is taken.
Mark load_mark(const std::string &name);
void remove_mark(const std::string &name);
// Names, sorted; those that cannot be read are among them.
std::vector<std::string> kept_marks();

}  // namespace heapmeter::cli
