// SPDX-License-Identifier: MIT
//
// The columns of the list: what each says of a process, how rows compare by it, and which of them a width has
// room for; pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "top/board.h"

namespace heapmeter::cli::tui {

enum class ColumnId {
  kPid,
  kName,
  kLive,
  kGrowth,
  kBlocks,
  kAllocations,
  kBytes,
  kPeak,
  kUsable,
  kResident,
  kThreads,
  kWrong,
  kAge,
  kTrend,
};

// How numbers are written: exact integers, with units, or with short ones where there is little room.
enum class Figures { kExact, kUnits, kShort };

std::string bytes_text(double amount, Figures figures);
std::string signed_bytes(double amount, Figures figures);  // with a + when it is more than 0
std::string count_text(double amount, Figures figures);

struct ListColumn {
  ColumnId id;
  const char *title;
  const char *name;     // as --sort has it
  const char *meaning;  // for the help screen
  int units_width, short_width;
  int rank;                                           // those of the highest go first where there is no room
  bool ascending;                                     // how it is sorted at first
  double (*key)(const Row &);                         // what it is sorted by; null for the name
  std::string (*text)(const Row &, double, Figures);  // of that key
};

std::span<const ListColumn> list_columns();
const ListColumn &list_column(ColumnId id);
// Null when none is called so.
const ListColumn *find_list_column(std::string_view name);
// A dash where nothing is known.
std::string cell_text(const ListColumn &column, const Row &row, Figures figures);

// Whether a stands before b.
bool before(const Row &a, const Row &b, const ListColumn &column, bool reverse);

struct PlacedColumn {
  const ListColumn *column;
  int x, width;
};

struct ListLayout {
  std::vector<PlacedColumn> columns = {};
  Figures figures = Figures::kUnits;
};

// The columns for this width, from left to right: the one that rows are sorted by always, others as far as
// there is room. Name and trend share what is left.
ListLayout layout_list(int width, bool exact, ColumnId sort, const std::vector<const Row *> &rows);

}  // namespace heapmeter::cli::tui
