// SPDX-License-Identifier: MIT
#include "views/account_series.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <fmt/format.h>
#include <boost/json/object.hpp>

#include "text/csv.h"
#include "views/account.h"

namespace heapmeter::cli {
namespace {

constexpr int kRowsUnderHeader = 20;  // where there is no terminal to ask

Table table(const Units &units) {
  const std::size_t wide = units.exact ? 14 : 9;
  std::vector<Column> columns;
  for (const char *title : {"LIVE", "USABLE", "COMMITTED", "HEAP", "NOT HEAP", "RSS", "SWAPPED"})
    columns.push_back({title, Align::kRight, wide});
  return Table(columns);
}

// Those of the JSON that are integers, by their names there.
template <typename Each>
void each_figure(const Account &account, Each each) {
  for (const auto &field : to_json(account)) {
    if (field.value().is_number() && field.key() != "schema") each(std::string(field.key()), field.value());
  }
}

std::string limit_of(const Account &account) {
  return account.cgroup && account.cgroup->limit_bytes ? std::to_string(*account.cgroup->limit_bytes) : "";
}

}  // namespace

std::string AccountSeries::header_when_due(const Units &units, const Paint &paint, int lines) {
  const int room = lines > 3 ? lines - 2 : kRowsUnderHeader;
  return rows_++ % room == 0 ? paint.title(table(units).header()) : "";
}

std::string AccountSeries::row(const Account &account, const Units &units) const {
  const std::uint64_t heap = account.of(Holder::kHeap).resident_bytes;
  Table line = table(units);
  line.add({units.bytes(account.live_bytes), units.bytes(account.usable_bytes),
            units.bytes(account.committed_bytes), units.bytes(heap),
            units.bytes(account.resident_bytes - std::min(heap, account.resident_bytes)),
            units.bytes(account.resident_bytes), units.bytes(account.swap_bytes)});
  return line.rows();
}

std::string account_csv_header() {
  std::vector<std::string> names = {"time", "name", "backend"};
  each_figure(Account{}, [&](const std::string &name, const auto &) { names.push_back(name); });
  names.insert(names.end(), {"cgroup_used_bytes", "cgroup_limit_bytes"});
  return csv_line(names);
}

std::string account_csv_row(double time, const Account &account) {
  std::vector<std::string> values = {fmt::format("{:.3f}", time), account.name, account.backend};
  each_figure(account, [&](const std::string &, const auto &value) {
    values.push_back(value.is_int64() ? std::to_string(value.get_int64())
                                      : std::to_string(value.get_uint64()));
  });
  values.push_back(account.cgroup ? std::to_string(account.cgroup->used_bytes) : "");
  values.push_back(limit_of(account));
  return csv_line(values);
}

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace heapmeter::cli
