// SPDX-License-Identifier: MIT
#include "published.h"

#include <sstream>

namespace heapmeter::testing::matrix {
namespace {

constexpr const char *kMend =
    "; run the matrix tests, then tests/preload/matrix/matrix.py --update, and commit what it changed";

// "| name | promise | …": the first two cells of each line of the group's table.
std::string listed_rows(const std::string &group) {
  std::istringstream text(read_file(source_root() / "tests" / "preload" / "matrix" / "MATRIX.md"));
  std::string rows;
  bool inside = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("## ")) inside = line == "## " + group;
    if (!inside || !line.starts_with("| ") || line.starts_with("| row ") || line.starts_with("| ---"))
      continue;
    const auto second = line.find(" | ", 2);
    rows += line.substr(2, line.find(" | ", second + 3) - 2) + "\n";
  }
  return rows;
}

}  // namespace

std::string fault_of_published(const Group &group) {
  std::string rows;
  for (const Row &row : group.rows) rows += row.name + " | " + row.promise + "\n";
  const std::string listed = listed_rows(group.name);
  if (listed != rows) return "MATRIX.md lists\n" + listed + "and there are\n" + rows + kMend;
  const std::string line = "| " + group.name + " | " + std::to_string(group.rows.size()) + " |";
  if (read_file(source_root() / "tests" / "preload" / "matrix" / "README.md").find(line) ==
      std::string::npos) {
    return "the table in README.md has no line that begins " + line + kMend;
  }
  return "";
}

}  // namespace heapmeter::testing::matrix
