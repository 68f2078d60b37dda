// SPDX-License-Identifier: MIT
//
// Symbols whose presence in an ELF file tells something about its heap. One table; a new allocator or runtime
// is a row in it.
#pragma once

#include <string>
#include <string_view>

namespace heapmeter::cli {

enum class SymbolKind {
  kMallocFamily,    // malloc, free ...
  kAllocator,       // an allocator with names of its own; `of` is which
  kSanitizer,       // the sanitizer's runtime; `of` is which
  kHeap,            // a runtime that keeps a heap of its own; `of` is which, as in runtime_heaps.cpp
  kOpensLibraries,  // dlopen, dlmopen
  kNextMalloc,      // glibc's own names of malloc, which pass it on when called
  kLooksUp,         // dlsym, dlvsym
  kAsksForMemory,   // mmap, sbrk: what an allocator has its memory by
};

struct KnownSymbol {
  SymbolKind mark;
  const char *of;
};

// Null for any other.
const KnownSymbol *known_symbol(std::string_view name);

// One found in a file.
struct SymbolMark {
  KnownSymbol known;
  std::string name;
  bool defined = false;   // here, rather than wanted from another file
  bool exported = false;  // to be seen by other files
};

}  // namespace heapmeter::cli
