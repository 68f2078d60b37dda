// SPDX-License-Identifier: MIT
#include "base/elf_symbols.h"

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

namespace heapmeter::elf_symbols {
namespace {

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

Span span_of(const link_map &object) noexcept {
  dl_find_object found;
  if (_dl_find_object(object.l_ld, &found) != 0) return {};
  const auto start = reinterpret_cast<uintptr_t>(found.dlfo_map_start);
  return {start, reinterpret_cast<uintptr_t>(found.dlfo_map_end) - start};
}

// https://flapenguin.me/elf-dt-gnu-hash describes the table.
Symbols::Symbols(const link_map &object) noexcept : object_(object) {
  for (const ElfW(Dyn) *entry = object.l_ld; entry->d_tag != DT_NULL; ++entry) {
    // ld.so has relocated these pointers, but not the vdso's, whose section cannot be written to.
    const ElfW(Addr) value = entry->d_un.d_ptr;
    const auto *at = reinterpret_cast<const void *>(value < object.l_addr ? object.l_addr + value : value);
    if (entry->d_tag == DT_SYMTAB) symbols_ = static_cast<const ElfW(Sym) *>(at);
    if (entry->d_tag == DT_STRTAB) names_ = static_cast<const char *>(at);
    if (entry->d_tag == DT_GNU_HASH) hash_ = static_cast<const uint32_t *>(at);
    if (entry->d_tag == DT_VERSYM) versions_ = static_cast<const ElfW(Half) *>(at);
  }
}

// A version that is kept for programs linked against an older library.
bool Symbols::is_old(uint32_t symbol) const noexcept {
  constexpr ElfW(Half) kHidden = 0x8000;
  return versions_ != nullptr && (versions_[symbol] & kHidden) != 0;
}

void *Symbols::find(const char *name) const noexcept {
  if (symbols_ == nullptr || names_ == nullptr || hash_ == nullptr) return nullptr;
  const uint32_t hash = hash_of(name);
  if (!may_have(hash_, hash)) return nullptr;
  const uint32_t bucket_count = hash_[0];
  const uint32_t first_symbol = hash_[1];
  const uint32_t *buckets = hash_ + 4 + hash_[2] * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
  const uint32_t *chains = buckets + bucket_count;
  uint32_t at = buckets[hash % bucket_count];
  if (at < first_symbol) return nullptr;
  void *old = nullptr;
  for (;; ++at) {
    const uint32_t chained = chains[at - first_symbol];
    const ElfW(Sym) &symbol = symbols_[at];
    if ((chained | 1u) == (hash | 1u) && strcmp(names_ + symbol.st_name, name) == 0 && is_function(symbol)) {
      if (!is_old(at)) return address_of(object_, symbol);
      if (old == nullptr) old = address_of(object_, symbol);
    }
    if ((chained & 1u) != 0) return old;
  }
}

bool Symbols::define_any(std::initializer_list<const char *> names) const noexcept {
  for (const char *name : names) {
    if (find(name) != nullptr) return true;
  }
  return false;
}

}  // namespace heapmeter::elf_symbols
