// SPDX-License-Identifier: MIT
#include "system/symbol_marks.h"

#include <unordered_map>

namespace heapmeter::cli {
namespace {

const std::unordered_map<std::string_view, KnownSymbol> kKnown = {
    {"malloc", {Mark::kMallocFamily, ""}},
    {"free", {Mark::kMallocFamily, ""}},
    {"calloc", {Mark::kMallocFamily, ""}},
    {"realloc", {Mark::kMallocFamily, ""}},
    {"reallocarray", {Mark::kMallocFamily, ""}},
    {"memalign", {Mark::kMallocFamily, ""}},
    {"aligned_alloc", {Mark::kMallocFamily, ""}},
    {"posix_memalign", {Mark::kMallocFamily, ""}},
    {"malloc_usable_size", {Mark::kMallocFamily, ""}},

    {"mallocx", {Mark::kAllocator, "jemalloc"}},
    {"sdallocx", {Mark::kAllocator, "jemalloc"}},
    {"dallocx", {Mark::kAllocator, "jemalloc"}},
    {"rallocx", {Mark::kAllocator, "jemalloc"}},
    {"je_malloc", {Mark::kAllocator, "jemalloc"}},
    {"je_mallocx", {Mark::kAllocator, "jemalloc"}},
    {"_rjem_malloc", {Mark::kAllocator, "jemalloc"}},
    {"_rjem_mallocx", {Mark::kAllocator, "jemalloc"}},
    {"jemalloc_malloc", {Mark::kAllocator, "jemalloc"}},
    {"mi_malloc", {Mark::kAllocator, "mimalloc"}},
    {"mi_malloc_aligned", {Mark::kAllocator, "mimalloc"}},
    {"mi_heap_malloc", {Mark::kAllocator, "mimalloc"}},
    {"mi_new", {Mark::kAllocator, "mimalloc"}},
    {"tc_malloc", {Mark::kAllocator, "tcmalloc"}},
    {"tc_new", {Mark::kAllocator, "tcmalloc"}},
    {"TCMallocInternalMalloc", {Mark::kAllocator, "tcmalloc"}},
    {"TCMallocInternalNew", {Mark::kAllocator, "tcmalloc"}},
    {"rpmalloc", {Mark::kAllocator, "rpmalloc"}},
    {"scudo_malloc", {Mark::kAllocator, "scudo"}},
    {"sn_malloc", {Mark::kAllocator, "snmalloc"}},
    {"dlmalloc", {Mark::kAllocator, "dlmalloc"}},
    {"GC_malloc", {Mark::kAllocator, "the Boehm collector"}},

    {"__asan_init", {Mark::kSanitizer, "AddressSanitizer"}},
    {"__tsan_init", {Mark::kSanitizer, "ThreadSanitizer"}},
    {"__msan_init", {Mark::kSanitizer, "MemorySanitizer"}},
    {"__lsan_init", {Mark::kSanitizer, "LeakSanitizer"}},
    {"__hwasan_init", {Mark::kSanitizer, "HWAddressSanitizer"}},

    {"PyObject_Malloc", {Mark::kHeap, "python"}},
    {"_ZN2v87Isolate3NewERKNS0_12CreateParamsE", {Mark::kHeap, "v8"}},
    {"_emalloc", {Mark::kHeap, "php"}},
    {"JNI_CreateJavaVM", {Mark::kHeap, "java"}},
    {"JLI_Launch", {Mark::kHeap, "java"}},
    {"ruby_setup", {Mark::kHeap, "ruby"}},
    {"hs_init_ghc", {Mark::kHeap, "haskell"}},
    {"enif_alloc", {Mark::kHeap, "erlang"}},
    {"mono_gc_collect", {Mark::kHeap, "mono"}},
    {"gc_and_save", {Mark::kHeap, "sbcl"}},
    {"caml_alloc_shr", {Mark::kHeap, "ocaml"}},
    {"_Z18ggc_internal_allocmPFvPvEmm", {Mark::kHeap, "gcc"}},

    {"dlopen", {Mark::kOpensLibraries, ""}},
    {"dlmopen", {Mark::kOpensLibraries, ""}},

    {"__libc_malloc", {Mark::kNextMalloc, ""}},
    {"dlsym", {Mark::kLooksUp, ""}},
    {"dlvsym", {Mark::kLooksUp, ""}},
    {"mmap", {Mark::kAsksForMemory, ""}},
    {"mmap64", {Mark::kAsksForMemory, ""}},
    {"sbrk", {Mark::kAsksForMemory, ""}},
    {"brk", {Mark::kAsksForMemory, ""}},
};

}  // namespace

const KnownSymbol *known_symbol(std::string_view name) {
  const auto at = kKnown.find(name);
  return at == kKnown.end() ? nullptr : &at->second;
}

}  // namespace heapmeter::cli
