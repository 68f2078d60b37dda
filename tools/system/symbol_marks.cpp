// SPDX-License-Identifier: MIT
#include "system/symbol_marks.h"

#include <unordered_map>

namespace heapmeter::cli {
namespace {

const std::unordered_map<std::string_view, KnownSymbol> kKnown = {
    {"malloc", {SymbolKind::kMallocFamily, ""}},
    {"free", {SymbolKind::kMallocFamily, ""}},
    {"calloc", {SymbolKind::kMallocFamily, ""}},
    {"realloc", {SymbolKind::kMallocFamily, ""}},
    {"reallocarray", {SymbolKind::kMallocFamily, ""}},
    {"memalign", {SymbolKind::kMallocFamily, ""}},
    {"aligned_alloc", {SymbolKind::kMallocFamily, ""}},
    {"posix_memalign", {SymbolKind::kMallocFamily, ""}},
    {"malloc_usable_size", {SymbolKind::kMallocFamily, ""}},

    {"mallocx", {SymbolKind::kAllocator, "jemalloc"}},
    {"sdallocx", {SymbolKind::kAllocator, "jemalloc"}},
    {"dallocx", {SymbolKind::kAllocator, "jemalloc"}},
    {"rallocx", {SymbolKind::kAllocator, "jemalloc"}},
    {"je_malloc", {SymbolKind::kAllocator, "jemalloc"}},
    {"je_mallocx", {SymbolKind::kAllocator, "jemalloc"}},
    {"_rjem_malloc", {SymbolKind::kAllocator, "jemalloc"}},
    {"_rjem_mallocx", {SymbolKind::kAllocator, "jemalloc"}},
    {"jemalloc_malloc", {SymbolKind::kAllocator, "jemalloc"}},
    {"mi_malloc", {SymbolKind::kAllocator, "mimalloc"}},
    {"mi_malloc_aligned", {SymbolKind::kAllocator, "mimalloc"}},
    {"mi_heap_malloc", {SymbolKind::kAllocator, "mimalloc"}},
    {"mi_new", {SymbolKind::kAllocator, "mimalloc"}},
    {"tc_malloc", {SymbolKind::kAllocator, "tcmalloc"}},
    {"tc_new", {SymbolKind::kAllocator, "tcmalloc"}},
    {"TCMallocInternalMalloc", {SymbolKind::kAllocator, "tcmalloc"}},
    {"TCMallocInternalNew", {SymbolKind::kAllocator, "tcmalloc"}},
    {"rpmalloc", {SymbolKind::kAllocator, "rpmalloc"}},
    {"scudo_malloc", {SymbolKind::kAllocator, "scudo"}},
    {"sn_malloc", {SymbolKind::kAllocator, "snmalloc"}},
    {"dlmalloc", {SymbolKind::kAllocator, "dlmalloc"}},
    {"GC_malloc", {SymbolKind::kAllocator, "the Boehm collector"}},

    {"__asan_init", {SymbolKind::kSanitizer, "AddressSanitizer"}},
    {"__tsan_init", {SymbolKind::kSanitizer, "ThreadSanitizer"}},
    {"__msan_init", {SymbolKind::kSanitizer, "MemorySanitizer"}},
    {"__lsan_init", {SymbolKind::kSanitizer, "LeakSanitizer"}},
    {"__hwasan_init", {SymbolKind::kSanitizer, "HWAddressSanitizer"}},

    {"PyObject_Malloc", {SymbolKind::kHeap, "python"}},
    {"_ZN2v87Isolate3NewERKNS0_12CreateParamsE", {SymbolKind::kHeap, "v8"}},
    {"_emalloc", {SymbolKind::kHeap, "php"}},
    {"JNI_CreateJavaVM", {SymbolKind::kHeap, "java"}},
    {"JLI_Launch", {SymbolKind::kHeap, "java"}},
    {"ruby_setup", {SymbolKind::kHeap, "ruby"}},
    {"hs_init_ghc", {SymbolKind::kHeap, "haskell"}},
    {"enif_alloc", {SymbolKind::kHeap, "erlang"}},
    {"mono_gc_collect", {SymbolKind::kHeap, "mono"}},
    {"gc_and_save", {SymbolKind::kHeap, "sbcl"}},
    {"caml_alloc_shr", {SymbolKind::kHeap, "ocaml"}},
    {"_Z18ggc_internal_allocmPFvPvEmm", {SymbolKind::kHeap, "gcc"}},

    {"dlopen", {SymbolKind::kOpensLibraries, ""}},
    {"dlmopen", {SymbolKind::kOpensLibraries, ""}},

    {"__libc_malloc", {SymbolKind::kNextMalloc, ""}},
    {"dlsym", {SymbolKind::kLooksUp, ""}},
    {"dlvsym", {SymbolKind::kLooksUp, ""}},
    {"mmap", {SymbolKind::kAsksForMemory, ""}},
    {"mmap64", {SymbolKind::kAsksForMemory, ""}},
    {"sbrk", {SymbolKind::kAsksForMemory, ""}},
    {"brk", {SymbolKind::kAsksForMemory, ""}},
};

}  // namespace

const KnownSymbol *known_symbol(std::string_view name) {
  const auto at = kKnown.find(name);
  return at == kKnown.end() ? nullptr : &at->second;
}

}  // namespace heapmeter::cli
