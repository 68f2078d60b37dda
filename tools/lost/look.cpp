// SPDX-License-Identifier: MIT
#include "lost/look.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include <fmt/format.h>

#include "client/page.h"

namespace heapmeter::cli::lost {
namespace {

namespace json = boost::json;

constexpr const char *kPageName = "a look for lost blocks";

// Where each column stands; readers go by their names.
class Columns {
 public:
  explicit Columns(const json::object &page) {
    const json::array *names = page::array(page, "block_columns");
    if (names == nullptr) return;
    for (const json::value &name : *names) {
      if (!name.is_string()) page::refuse("a column has no name", kPageName);
      at_.emplace(std::string(name.get_string()), at_.size());
    }
  }
  const json::value *of(const json::array &row, const char *name) const {
    const auto found = at_.find(name);
    return found == at_.end() || found->second >= row.size() ? nullptr : &row[found->second];
  }
  std::uint64_t number(const json::array &row, const char *name) const {
    const json::value *value = of(row, name);
    if (value == nullptr) return 0;
    if (value->is_uint64()) return value->get_uint64();
    if (!value->is_int64() || value->get_int64() < 0)
      page::refuse(fmt::format("'{}' is no number", name), kPageName);
    return static_cast<std::uint64_t>(value->get_int64());
  }

 private:
  std::unordered_map<std::string, std::size_t> at_;
};

Block block_of(const Columns &columns, const json::value &row) {
  if (!row.is_array()) page::refuse("a block is no row", kPageName);
  const json::array &cells = row.get_array();
  Block block;
  block.address = columns.number(cells, "address");
  block.bytes = columns.number(cells, "bytes");
  block.contents = columns.number(cells, "contents");
  block.leaf = static_cast<std::uint32_t>(columns.number(cells, "leaf"));
  block.group = static_cast<std::uint32_t>(columns.number(cells, "group"));
  block.indirectly = columns.number(cells, "indirectly") != 0;
  block.perhaps = columns.number(cells, "perhaps") != 0;
  const json::value *family = columns.of(cells, "family");
  for (const char *known : {"malloc", "new", "new[]"}) {
    if (family != nullptr && family->is_string() && family->get_string() == known) block.family = known;
  }
  return block;
}

auto identity(const Block &block) { return std::tie(block.address, block.bytes, block.contents); }

}  // namespace

Look parse_look(std::string_view text) {
  const json::object page = page::parse(text, kPageName);
  Look look;
  look.pid = static_cast<int>(page::number(page, "pid", kPageName));
  look.start_time = page::number(page, "start_time", kPageName);
  look.live_blocks = page::number(page, "live_blocks", kPageName);
  look.live_bytes = page::number(page, "live_bytes", kPageName);
  look.registers = page::number(page, "registers", kPageName);
  look.not_looked_at_bytes = page::number(page, "not_looked_at_bytes", kPageName);
  look.not_listed_blocks = page::number(page, "not_listed_blocks", kPageName);
  if (const json::value *tries = page.if_contains("tries"); tries != nullptr && tries->is_number())
    look.tries = page::number(page, "tries", kPageName);
  if (page.contains("unprepared_tries")) look.unprepared = page::number(page, "unprepared_tries", kPageName);
  if (page.contains("told_by_half")) look.told_by_half = page::number(page, "told_by_half", kPageName);
  if (const json::value *seconds = page.if_contains("seconds"); seconds != nullptr && seconds->is_number())
    look.seconds = seconds->to_number<double>();
  const Columns columns(page);
  if (const json::array *blocks = page::array(page, "blocks")) {
    for (const json::value &row : *blocks) look.blocks.push_back(block_of(columns, row));
  }
  return look;
}

Look confirmed(const Look &earlier, Look later) {
  std::vector<const Block *> known;
  for (const Block &block : earlier.blocks) known.push_back(&block);
  const auto less = [](const Block *a, const Block *b) { return identity(*a) < identity(*b); };
  std::sort(known.begin(), known.end(), less);
  std::erase_if(later.blocks, [&](const Block &block) {
    return !std::binary_search(known.begin(), known.end(), &block, less);
  });
  later.told_by_half = std::max(earlier.told_by_half, later.told_by_half);
  return later;
}

}  // namespace heapmeter::cli::lost
