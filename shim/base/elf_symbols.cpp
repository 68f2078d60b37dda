// SPDX-License-Identifier: MIT
#include "base/elf_symbols.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

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
  return symbol.st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol.st_info) == STT_FUNC;
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
  const uint32_t bucket_count = table.hash[0];
  const uint32_t first_symbol = table.hash[1];
  const uint32_t *buckets = table.hash + 4 + table.hash[2] * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
  const uint32_t *chains = buckets + bucket_count;
  const uint32_t hash = hash_of(name);
  uint32_t at = buckets[hash % bucket_count];
  if (at < first_symbol) return nullptr;
  for (;; ++at) {
    const uint32_t chained = chains[at - first_symbol];
    const ElfW(Sym) &symbol = table.symbols[at];
    if ((chained | 1u) == (hash | 1u) && strcmp(table.names + symbol.st_name, name) == 0 &&
        is_function(symbol)) {
      return reinterpret_cast<void *>(object.l_addr + symbol.st_value);
    }
    if ((chained & 1u) != 0) return nullptr;
  }
}

void *defined_before_us(const char *name) noexcept {
  static const char here = 0;
  const link_map *ours = object_of(&here);
  const link_map *object = ours;
  while (object != nullptr && object->l_prev != nullptr) object = object->l_prev;
  for (; object != nullptr && object != ours; object = object->l_next) {
    if (void *found = find(*object, name)) return found;
  }
  return nullptr;
}

}  // namespace heapmeter::elf_symbols
