// SPDX-License-Identifier: MIT
#include "record.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstdlib>

namespace heapmeter::testing::matrix {
namespace {
namespace fs = std::filesystem;

// What is published is of the usual mode.
fs::path directory() {
  const std::string mode = mode_of_all();
  return build_root() / "meson-logs" / (mode.empty() ? "matrix" : "matrix-" + mode);
}

fs::path file_of(const Group &group, const Row &row) {
  return directory() / (group.name + "." + row.name + ".jsonl");
}

}  // namespace

void record(const Group &group, const Row &row, const std::vector<Result> &results) {
  std::string lines;
  const auto position = &row - group.rows.data();  // the published order
  for (const Result &result : results) {
    boost::json::object looks;
    boost::json::object line{
        {"group", group.name},     {"row", row.name},         {"position", position},
        {"promise", row.promise},  {"because", row.because},  {"mode", result.mode},
        {"result", result.result}, {"detail", result.detail}, {"seconds", result.seconds}};
    for (const auto &[answer, times] : result.looks) looks[answer] = times;
    if (!looks.empty()) line["looks"] = looks;
    lines += boost::json::serialize(line) + "\n";
  }
  fs::create_directories(directory());
  write_file(file_of(group, row), lines);
}

void forget_strangers(const Group &group) {
  if (!fs::exists(directory())) return;
  for (const auto &entry : fs::directory_iterator(directory())) {
    const fs::path path = entry.path();
    const bool known = std::any_of(group.rows.begin(), group.rows.end(),
                                   [&](const Row &row) { return path == file_of(group, row); });
    if (path.filename().string().starts_with(group.name + ".") && !known) fs::remove(path);
  }
}

}  // namespace heapmeter::testing::matrix
