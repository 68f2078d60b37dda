// SPDX-License-Identifier: MIT
//
// Where the results go: one file a row beside the build's test logs, one line of JSON a mode. The published
// tables are made from these by matrix.py.
#pragma once

#include <filesystem>
#include <string>

#include "row.h"

namespace heapmeter::testing::matrix {

struct Result {
  std::string mode;
  std::string result;  // same, unmetered, refused, differs, skipped
  std::string detail;  // with what it differs, or why
  double seconds = 0;
  Looker::Answers looks = {};
};

void record(const Group &group, const Row &row, const std::vector<Result> &results);

// Drops what was recorded of rows that are no more.
void forget_strangers(const Group &group);

}  // namespace heapmeter::testing::matrix
