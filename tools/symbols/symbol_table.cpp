// SPDX-License-Identifier: MIT
#include "symbols/symbol_table.h"

#include <algorithm>
#include <tuple>

namespace heapmeter::cli::symbols {
namespace {

// A function without a size, as assembly has them, ends at the next one, or here.
constexpr std::uint64_t kLongestWithoutSize = 64u << 10;

int rank_of(const GElf_Sym &symbol) {
  const int binding = GELF_ST_BIND(symbol.st_info) == STB_GLOBAL ? 0
                      : GELF_ST_BIND(symbol.st_info) == STB_WEAK ? 1
                                                                 : 2;
  return binding + (symbol.st_size == 0 ? 3 : 0);
}

}  // namespace

SymbolTable::SymbolTable(Dwfl_Module *module) {
  const int count = dwfl_module_getsymtab(module);
  for (int each = 1; each < count; ++each) {
    GElf_Sym symbol;
    GElf_Addr address = 0;
    GElf_Word section = 0;
    const char *name = dwfl_module_getsym_info(module, each, &symbol, &address, &section, nullptr, nullptr);
    if (name == nullptr || *name == '\0' || section == SHN_UNDEF || section == SHN_ABS) continue;
    const int type = GELF_ST_TYPE(symbol.st_info);
    if (type == STT_OBJECT || type == STT_FUNC || type == STT_GNU_IFUNC ||
        (type == STT_NOTYPE && *name != '.' && *name != '$'))
      symbols_.push_back({address, symbol.st_size, rank_of(symbol), name});
  }
  std::stable_sort(symbols_.begin(), symbols_.end(), [](const Symbol &a, const Symbol &b) {
    return std::tie(a.start, a.rank) < std::tie(b.start, b.rank);
  });
  symbols_.erase(std::unique(symbols_.begin(), symbols_.end(),
                             [](const Symbol &a, const Symbol &b) { return a.start == b.start; }),
                 symbols_.end());
}

const char *SymbolTable::name(std::uint64_t address) const {
  const auto next = std::upper_bound(symbols_.begin(), symbols_.end(), address,
                                     [](std::uint64_t at, const Symbol &each) { return at < each.start; });
  if (next == symbols_.begin()) return nullptr;
  const Symbol &symbol = next[-1];
  const std::uint64_t size = symbol.size != 0 ? symbol.size : kLongestWithoutSize;
  return address - symbol.start < size ? symbol.name : nullptr;
}

}  // namespace heapmeter::cli::symbols
