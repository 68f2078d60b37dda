// SPDX-License-Identifier: MIT
//
// Whole files: reading one, and replacing one so that a crash at any moment leaves either the old or the new
// text, never half of it (temporary file beside it, fsync, rename, fsync of the directory).
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace demo {

// Which step failed, and why.
struct FileError {
  std::string step;  // "open", "write", ...
  std::filesystem::path path;
  std::error_code code;
};

std::expected<std::string, FileError> read_file(const std::filesystem::path &path);

// A symbolic link is followed, and an existing file keeps its permissions. On failure the old file is
// untouched and no temporary file is left.
std::expected<void, FileError> replace_file(const std::filesystem::path &path, std::string_view text);

}  // namespace demo
