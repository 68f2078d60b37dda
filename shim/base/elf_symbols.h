// SPDX-License-Identifier: MIT
//
// A function of one loaded object, found in its own symbol table: no allocation, no lock, no search order in
// which another object could come first. dlsym takes a handle for that, and only dlopen, which allocates,
// makes one.
#pragma once

#include <link.h>
#include <stdint.h>

#include <initializer_list>

namespace heapmeter::elf_symbols {

// The object that holds this address; nullptr when there is none.
const link_map *object_of(const void *address) noexcept;

struct Span {
  uintptr_t start, bytes;
  bool holds(const void *address) const noexcept {
    return reinterpret_cast<uintptr_t>(address) - start < bytes;
  }
};
// All addresses of the object.
Span span_of(const link_map &object) noexcept;

// The table of one object, for more look-ups than one.
class Symbols {
 public:
  explicit Symbols(const link_map &object) noexcept;
  // nullptr when the object does not define the function, or has no GNU hash table. An IFUNC is resolved; of
  // several versions it is the one that programs are linked to now.
  void *find(const char *name) const noexcept;
  bool define_any(std::initializer_list<const char *> names) const noexcept;

 private:
  bool is_old(uint32_t symbol) const noexcept;

  const link_map &object_;
  const ElfW(Sym) *symbols_ = nullptr;
  const char *names_ = nullptr;
  const uint32_t *hash_ = nullptr;
  const ElfW(Half) *versions_ = nullptr;
};

inline void *find(const link_map &object, const char *name) noexcept { return Symbols(object).find(name); }

}  // namespace heapmeter::elf_symbols
