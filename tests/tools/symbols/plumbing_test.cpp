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

TEST(Plumbing, IsRustsStandardLibrary) {
  for (const char *name :
       {"alloc::raw_vec::RawVec<T,A>::allocate_in",
        "<alloc::alloc::Global as core::alloc::Allocator>::allocate",
        "<T as alloc::string::ToString>::to_string", "<[T]>::to_vec",
        "<[u8] as core::borrow::ToOwned>::to_owned",
        "<u8 as alloc::vec::spec_from_elem::SpecFromElem>::from_elem",
        "core::ops::function::FnOnce::call_once{{vtable.shim}}",
        "hashbrown::raw::RawTableInner<alloc::alloc::Global>::new_uninitialized::<alloc::alloc::Global>",
        "<&mut alloc::vec::Vec<T> as core::iter::Extend<T>>::extend",
        "<alloc::boxed::Box<dyn core::ops::FnOnce(i32) -> bool> as core::ops::FnOnce<(i32,)>>::call_once",
        "<<std::thread::Builder>::spawn_unchecked_<shop::main::{closure#0}, usize>::{closure#1} as "
        "core::ops::function::FnOnce<()>>::call_once::{shim:vtable#0}",
        "<[shop::Cart]>::to_vec", "<[shop::Cart] as alloc::borrow::ToOwned>::to_owned",
        "<(shop::A, u8) as core::hash::Hash>::hash",
        "std::sys_common::backtrace::__rust_begin_short_backtrace", "__rust_try"})
    EXPECT_TRUE(is_plumbing(called(name))) << name;
  for (const char *name : {"shop::Cart::add", "<shop::Cart as core::clone::Clone>::clone",
                           "<&shop::Cart as core::fmt::Debug>::fmt", "<u8 as shop::Encode>::encode",
                           "<alloc::vec::Vec<T> as shop::Encode>::encode",
                           "<std::collections::HashMap<K,V> as shop::Encode>::encode",
                           "<shop::Table<alloc::string::String>>::add", "<shop::Cart as", "<", "<>"})
    EXPECT_FALSE(is_plumbing(called(name))) << name;
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

// Of a function with these callers, innermost first; "" where they do not tell.
std::string named_by(const std::vector<Frame> &callers) {
  const char *name =
      name_by_callers([&](std::size_t at) { return at < callers.size() ? &callers[at] : nullptr; });
  return name == nullptr ? "" : name;
}

TEST(Plumbing, NamesByItsCallersWhatWasStripped) {
  const Frame start = called("__libc_start_main@@GLIBC_2.34", "libc.so.6"),
              nameless = called("", "libc.so.6");
  EXPECT_EQ(named_by({nameless, start}), "main");
  EXPECT_EQ(named_by({called("__libc_start_call_main", "libc.so.6")}), "main");
  EXPECT_EQ(named_by({start}), "constructors");
  EXPECT_EQ(named_by({called("call_init", "libc.so.6"), start}), "constructors") << "inlined there";
  EXPECT_EQ(named_by({called("call_init"), start}), "") << "somebody's own";
  EXPECT_EQ(named_by({nameless, called("qsort", "libc.so.6")}), "");
  EXPECT_EQ(named_by({nameless}), "") << "a thread begins so";
  EXPECT_EQ(named_by({called("", "program"), start}), "");
  EXPECT_EQ(named_by({called("__libc_start_call_main")}), "") << "somebody's own";
  EXPECT_EQ(named_by({called("__libc_start_main", "libc-2.31.so")}), "") << "main, or not";
  EXPECT_EQ(named_by({}), "");
}

TEST(Plumbing, NamesByWhoCalledTheLoaderWhatThatCalls) {
  const Frame loader = called("", "ld-linux-x86-64.so.2"), nameless = called("", "libc.so.6"),
              open = called("dlopen@@GLIBC_2.34", "libc.so.6"), end = called("exit", "libc.so.6"),
              caught = called("_dl_catch_exception", "libc.so.6"), main = called("main");
  EXPECT_EQ(named_by({loader}), "constructors");
  EXPECT_EQ(named_by({loader, loader, loader}), "constructors");
  EXPECT_EQ(named_by({loader, caught, loader, nameless, open, main}), "constructors");
  EXPECT_EQ(named_by({loader, loader, called("dlopen", "libdl-2.31.so"), main}), "constructors");
  EXPECT_EQ(named_by({loader, loader, nameless, end, nameless}), "destructors");
  EXPECT_EQ(named_by({loader, caught, called("dlclose", "libc.so.6"), main}), "destructors");
  EXPECT_EQ(named_by({loader, open, called("", "program"), nameless, end}), "constructors")
      << "of what is opened at the end";
  EXPECT_EQ(named_by({loader, loader, main}), "") << "the loader calls what tells it which function to take";
  EXPECT_EQ(named_by({loader, nameless, called("getpwnam", "libc.so.6")}), "");
  EXPECT_EQ(named_by({loader, called("(cut short)", "")}), "");
}

TEST(Plumbing, NamesByTheLoadersOwnFunctionsWhatTheyCall) {
  const auto by = [](const char *function) {
    return named_by({called(function, "ld-linux-x86-64.so.2"), called("dl_main", "ld-linux-x86-64.so.2")});
  };
  EXPECT_EQ(by("call_init"), "constructors");
  EXPECT_EQ(by("_dl_init"), "constructors");
  EXPECT_EQ(by("_dl_fini"), "destructors");
  EXPECT_EQ(by("_dl_call_fini"), "destructors");
  EXPECT_EQ(by("_dl_relocate_object"), "");
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
