// SPDX-License-Identifier: MIT
#include "top/board.h"

#include <map>

namespace heapmeter::cli::tui {

void Board::update(std::vector<Member> members, double seconds) {
  std::map<std::string, Row> before;
  for (Row &row : rows) before.emplace(row.key(), std::move(row));
  rows.clear();
  for (Member &member : members) {
    Row row{std::move(member)};
    const auto known = before.find(row.key());
    const Reading *last = nullptr;
    if (known != before.end()) {
      row.history = std::move(known->second.history);
      row.watched = std::move(known->second.watched);
      last = known->second.member.reading.get();
    }
    if (row.member.reading && row.member.reading.get() != last) {
      row.history.add(seconds, row.member.reading->live_bytes);
      row.watched.add(*row.member.reading, row.member.resident, row.member.anonymous);
    }
    if (row.answering()) row.rates = row.member.rates();
    rows.push_back(std::move(row));
  }
  now = seconds;
  filled = true;
}

const Row *Board::find(std::string_view key) const {
  for (const Row &row : rows) {
    if (row.key() == key) return &row;
  }
  return nullptr;
}

}  // namespace heapmeter::cli::tui
