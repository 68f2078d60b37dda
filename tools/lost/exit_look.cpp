// SPDX-License-Identifier: MIT
#include "lost/exit_look.h"

#include <algorithm>

#include <boost/json/array.hpp>

#include "client/page.h"

namespace heapmeter::cli::lost {
namespace {

constexpr const char *kPart = "what is lost in a report";

Sum sum_of(const boost::json::object &from) {
  const auto number = [&](const char *name) { return page::number(from, name, kPart); };
  Sum sum;
  sum.least_blocks = number("lost_blocks");
  sum.least_bytes = number("lost_bytes");
  sum.blocks = sum.least_blocks + number("perhaps_in_registers_blocks");
  sum.bytes = sum.least_bytes + number("perhaps_in_registers_bytes");
  sum.indirectly_blocks = number("lost_indirectly_blocks");
  sum.indirectly_bytes = number("lost_indirectly_bytes");
  return sum;
}

}  // namespace

std::optional<ExitLook> exit_look(const boost::json::object &report) {
  const boost::json::object *leaks = page::object(report, "leaks");
  if (leaks == nullptr) return std::nullopt;
  ExitLook look;
  if (leaks->contains("failure")) {
    look.failure = page::text(*leaks, "failure", kPart);
    return look;
  }
  look.sum = sum_of(*leaks);
  look.not_looked_at_bytes = page::number(*leaks, "not_looked_at_bytes", kPart);
  if (const boost::json::array *rows = page::array(*leaks, "lost")) {
    for (const boost::json::value &value : *rows) {
      const boost::json::object &from = page::element(value, kPart);
      Row row;
      row.family = page::text(from, "family", kPart);
      row.block_bytes = page::number(from, "block_bytes", kPart);
      row.example = page::number(from, "example", kPart);
      row.sum = sum_of(from);
      look.rows.push_back(row);
    }
  }
  std::stable_sort(look.rows.begin(), look.rows.end(),
                   [](const Row &a, const Row &b) { return a.sum.bytes > b.sum.bytes; });
  return look;
}

}  // namespace heapmeter::cli::lost
