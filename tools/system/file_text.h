// SPDX-License-Identifier: MIT
//
// A file of the kernel (/proc, /sys) as one text. What anybody else may have made is a ForeignFile.
#pragma once

#include <optional>
#include <string>

namespace heapmeter::cli {

// Empty when it cannot be opened, or not be read to its end: files of /proc fail in the midst when their
// process ends.
std::optional<std::string> file_text(const std::string &path);

}  // namespace heapmeter::cli
