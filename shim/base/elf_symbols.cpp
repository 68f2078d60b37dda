// SPDX-License-Identifier: MIT
#include "base/elf_symbols.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

namespace heapmeter::elf_symbols {
namespace {

// https://flapenguin.me/elf-dt-gnu-hash describes the table.
struct Table {
  const ElfW(Sym) *symbols = nullptr;
  const char *names = nullptr;
  const uint32_t *hash = nullptr;
};

Table table_of(const link_map &object) noexcept {
  Table table;
  for (const ElfW(Dyn) *entry = object.l_ld; entry->d_tag != DT_NULL; ++entry) {
    // ld.so has relocated these pointers, but not the vdso's, whose section cannot be written to.
    const ElfW(Addr) value = entry->d_un.d_ptr;
    const auto *at = reinterpret_cast<const void *>(value < object.l_addr ? object.l_addr + value : value);
    if (entry->d_tag == DT_SYMTAB) table.symbols = static_cast<const ElfW(Sym) *>(at);
    if (entry->d_tag == DT_STRTAB) table.names = static_cast<const char *>(at);
    if (entry->d_tag == DT_GNU_HASH) table.hash = static_cast<const uint32_t *>(at);
  }
  return table;
}

uint32_t hash_of(const char *name) noexcept {
  uint32_t hash = 5381;
  for (; *name != '\0'; ++name) hash = hash * 33 + static_cast<unsigned char>(*name);
  return hash;
}

bool is_function(const ElfW(Sym) & symbol) noexcept {
  const unsigned type = ELF64_ST_TYPE(symbol.st_info);
  return symbol.st_shndx != SHN_UNDEF && (type == STT_FUNC || type == STT_GNU_IFUNC);
}

void *address_of(const link_map &object, const ElfW(Sym) & symbol) noexcept {
  auto *address = reinterpret_cast<void *>(object.l_addr + symbol.st_value);
  if (ELF64_ST_TYPE(symbol.st_info) != STT_GNU_IFUNC) return address;
  // x86 resolvers take no argument; others look at this one.
  return reinterpret_cast<void *(*)(unsigned long)>(address)(getauxval(AT_HWCAP));
}

// A word of the table's filter has both bits of every name in it: without them there is nothing to look for.
bool may_have(const uint32_t *table, uint32_t hash) noexcept {
  constexpr uint32_t kBits = 8 * sizeof(ElfW(Addr));
  const uint32_t words = table[2], shift = table[3];
  const auto *filter = reinterpret_cast<const ElfW(Addr) *>(table + 4);
  const ElfW(Addr) word = filter[hash / kBits & (words - 1)];
  return (word >> hash % kBits & word >> (hash >> shift) % kBits & 1) != 0;
}

}  // namespace

const link_map *object_of(const void *address) noexcept {
  // Unlike dladdr, which goes through all symbols of the object, this is a look-up in a table, and takes no
  // lock.
  dl_find_object found;
  return _dl_find_object(const_cast<void *>(address), &found) == 0 ? found.dlfo_link_map : nullptr;
}

void *find(const link_map &object, const char *name) noexcept {
  const Table table = table_of(object);
  if (table.symbols == nullptr || table.names == nullptr || table.hash == nullptr) return nullptr;
  const uint32_t hash = hash_of(name);
  if (!may_have(table.hash, hash)) return nullptr;
  const uint32_t bucket_count = table.hash[0];
  const uint32_t first_symbol = table.hash[1];
  const uint32_t *buckets = table.hash + 4 + table.hash[2] * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
  const uint32_t *chains = buckets + bucket_count;
  uint32_t at = buckets[hash % bucket_count];
  if (at < first_symbol) return nullptr;
  for (;; ++at) {
    const uint32_t chained = chains[at - first_symbol];
    const ElfW(Sym) &symbol = table.symbols[at];
    if ((chained | 1u) == (hash | 1u) && strcmp(table.names + symbol.st_name, name) == 0 &&
        is_function(symbol)) {
      return address_of(object, symbol);
    }
    if ((chained & 1u) != 0) return nullptr;
  }
}

}  // namespace heapmeter::elf_symbols
