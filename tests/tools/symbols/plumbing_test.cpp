// SPDX-License-Identifier: MIT
#include "symbols/plumbing.h"

#include <gtest/gtest.h>

namespace heapmeter::cli::symbols {
namespace {

Frame called(const std::string &function, const std::string &module = "program") {
  Frame frame;
  frame.function = function;
  frame.module = module;
  return frame;
}

TEST(Plumbing, IsWhatStandsBetweenCodeAndAllocator) {
  for (const char *name : {"malloc",
                           "realloc",
                           "malloc@@GLIBC_2.2.5",
                           "operator new(unsigned long)",
                           "operator new[](unsigned long)",
                           "std::string::reserve(unsigned long)",
                           "std::vector<int>::push_back(int const&)",
                           "void std::vector<int, std::allocator<int> >::_M_realloc_insert<int>(int&&)",
                           "std::pair<int, A (*)(B)> std::make_pair<int>(int)",
                           "__gnu_cxx::new_allocator<char>::allocate(unsigned long, void const*)",
                           "PyMem_RawMalloc",
                           "zmalloc",
                           "MemoryContextAllocZero",
                           "ngx_pcalloc",
                           "Perl_more_bodies",
                           "os::malloc(unsigned long, MEMFLAGS, NativeCallStack const&)",
                           "AllocateHeap(unsigned long, MEMFLAGS, NativeCallStack const&, "
                           "AllocFailStrategy::AllocFailEnum)",
                           "__libc_calloc",
                           "operator new(unsigned long, std::align_val_t)",
                           "Pool::operator new(unsigned long)",
                           "PyObject_Malloc",
                           "Perl_safesysmalloc",
                           "g_malloc0",
                           "alloc::raw_vec::finish_grow",
                           "ggc_internal_alloc(unsigned long, void (*)(void*), unsigned long, unsigned long)",
                           "node::NodeArrayBufferAllocator::Allocate(unsigned long)",
                           "v8::internal::AlignedAllocWithRetry(unsigned long, unsigned long)",
                           "boost::json::serialize_impl[abi:cxx11](boost::json::value const&)",
                           "void boost::asio::detail::executor_function::complete<int>(bool)",
                           "fmt::detail::vformat_to<char>(int)",
                           "nlohmann::json_abi_v3_11_2::basic_json<std::map>::create<int>(int)",
                           "v8::internal::BackingStore::Allocate(v8::internal::Isolate*, unsigned long)",
                           "v8::internal::(anonymous namespace)::Invoke(v8::internal::Isolate*)",
                           "Builtins_JSEntry",
                           "Builtins_CEntry_Return1_ArgvOnStack_BuiltinExit",
                           "__gthread_once(int*, void (*)())",
                           "__rust_alloc"})
    EXPECT_TRUE(is_plumbing(called(name))) << name;
  EXPECT_TRUE(is_plumbing(called("", "libheapmeter.so")));
  EXPECT_TRUE(is_plumbing(called("", "libmimalloc.so.2")));
  EXPECT_TRUE(is_plumbing(called("strdup", "libc.so.6")));
  EXPECT_TRUE(is_plumbing(called("_IO_file_doallocate", "libc.so.6")));
  EXPECT_TRUE(is_plumbing(called("", "libstdc++.so.6")));
  EXPECT_FALSE(is_plumbing(called("", "libcurl.so.4")));
  EXPECT_FALSE(is_plumbing(called("PQexec", "libcrypto.so.3")));
}

TEST(Plumbing, IsNotTheCodeThatUsesIt) {
  for (const char *name : {"main",
                           "strdup",
                           "getline",
                           "fopen",
                           "Cache::put(std::string)",
                           "void Cache::put<std::string>(std::string)",
                           "std::string Cache::key<int>(int) const",
                           "operator+(Matrix const&, Matrix const&)",
                           "mallocate",
                           "",
                           "stdlib::f()",
                           "Cache::operator new_entry()",
                           "operator_new",
                           "std::vector<int> shop::all(int)",
                           "core::Engine::add(int)",
                           "shop::operator<<(std::ostream&, shop::Cart const&)",
                           "void shop::visit<std::vector<int>>(int)",
                           "PyList_New",
                           "(anonymous namespace)::fill(std::vector<int>&)",
                           "shop::boost::up()",
                           "boosted::f()",
                           "boost::json::value shop::all(int)",
                           "shop::Session<boost::asio::ip::tcp>::run()",
                           "Builtins_ArrayMap",
                           "Builtins_InterpreterEntryTrampoline"})
    EXPECT_FALSE(is_plumbing(called(name))) << name;
}

TEST(Plumbing, IsNoCodeThatARuntimeMadeHoweverItsScriptCallsIt) {
  for (const char *name : {"malloc", "_start", "std::f"}) {
    EXPECT_FALSE(is_plumbing(called(name, ""))) << name;
    EXPECT_FALSE(is_startup(called(name, ""))) << name;
  }
}

TEST(Plumbing, NamesByItsCallersWhatWasStripped) {
  const Frame start = called("__libc_start_main@@GLIBC_2.34", "libc.so.6"),
              nameless = called("", "libc.so.6");
  EXPECT_STREQ(name_by_callers(nameless, &start), "main");
  EXPECT_STREQ(name_by_callers(called("__libc_start_call_main", "libc.so.6"), nullptr), "main");
  EXPECT_STREQ(name_by_callers(start, nullptr), "constructors");
  EXPECT_STREQ(name_by_callers(called("", "ld-linux-x86-64.so.2"), nullptr), "constructors");
  const Frame sort = called("qsort", "libc.so.6");
  EXPECT_EQ(name_by_callers(nameless, &sort), nullptr);
  EXPECT_EQ(name_by_callers(nameless, nullptr), nullptr) << "a thread begins so";
  EXPECT_EQ(name_by_callers(called("", "program"), &start), nullptr);
  EXPECT_EQ(name_by_callers(called("__libc_start_call_main"), nullptr), nullptr) << "somebody's own";
}

TEST(Plumbing, KnowsWhatComesBeforeMain) {
  EXPECT_TRUE(is_startup(called("_start")));
  EXPECT_TRUE(is_startup(called("__libc_start_main@@GLIBC_2.34", "libc.so.6")));
  EXPECT_TRUE(is_startup(called("", "libc.so.6")));
  EXPECT_FALSE(is_startup(called("", "program")));
  EXPECT_FALSE(is_startup(called("main")));
  EXPECT_TRUE(is_startup(called("_dl_init", "ld-linux-x86-64.so.2")));
  EXPECT_TRUE(is_startup(called("call_init", "libc.so.6")));
  EXPECT_FALSE(is_startup(called("call_init")));
}

}  // namespace
}  // namespace heapmeter::cli::symbols
