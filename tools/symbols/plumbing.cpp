// SPDX-License-Identifier: MIT
#include "symbols/plumbing.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "symbols/function_name.h"
#include "symbols/jit_name.h"

namespace heapmeter::cli::symbols {
namespace {

using namespace std::literals;

constexpr std::array kFunctions = {
    // libc's family, and the names allocators give theirs
    "malloc"sv, "calloc"sv, "realloc"sv, "reallocarray"sv, "memalign"sv, "aligned_alloc"sv,
    "posix_memalign"sv, "valloc"sv, "pvalloc"sv, "free"sv, "cfree"sv, "reallocf"sv, "reallocarr"sv,
    "__libc_malloc"sv, "__libc_calloc"sv, "__libc_realloc"sv, "__libc_memalign"sv, "__libc_valloc"sv,
    "__libc_pvalloc"sv, "__posix_memalign"sv, "_aligned_malloc"sv,
    // everybody's own
    "xmalloc"sv, "xcalloc"sv, "xrealloc"sv, "xmalloc0"sv, "xzalloc"sv, "xnmalloc"sv, "xnrealloc"sv,
    "sh_xmalloc"sv, "sh_xrealloc"sv, "safe_malloc"sv, "do_xmalloc"sv, "xmallocz"sv, "do_xmallocz"sv,
    // CPython
    "PyMem_Malloc"sv, "PyMem_Calloc"sv, "PyMem_Realloc"sv, "PyMem_RawMalloc"sv, "PyMem_RawCalloc"sv,
    "PyMem_RawRealloc"sv, "_PyMem_RawMalloc"sv, "_PyMem_RawCalloc"sv, "_PyMem_RawRealloc"sv,
    "PyObject_Malloc"sv, "PyObject_Calloc"sv, "PyObject_Realloc"sv, "_PyObject_Malloc"sv,
    "_PyObject_Calloc"sv, "_PyObject_Realloc"sv, "_PyObject_GC_Alloc"sv, "_PyObject_GC_Malloc"sv,
    "_PyObject_GC_New"sv, "_PyObject_GC_NewVar"sv, "_PyObject_GC_Resize"sv, "_PyObject_New"sv,
    "_PyObject_NewVar"sv, "PyType_GenericAlloc"sv, "_PyType_AllocNoTrack"sv, "_PyMem_DebugRawAlloc"sv,
    "_PyMem_DebugRawMalloc"sv, "_PyMem_DebugMalloc"sv, "gc_alloc"sv, "pymalloc_alloc"sv, "new_arena"sv,
    "_PyMem_ArenaAlloc"sv,
    // perl, Ruby, PHP, Lua
    "Perl_malloc"sv, "Perl_calloc"sv, "Perl_realloc"sv, "Perl_safesysmalloc"sv, "Perl_safesyscalloc"sv,
    "Perl_safesysrealloc"sv, "Perl_more_sv"sv, "Perl_more_bodies"sv, "ruby_xmalloc"sv, "ruby_xcalloc"sv,
    "ruby_xrealloc"sv, "ruby_xmalloc2"sv, "objspace_xmalloc0"sv, "objspace_xcalloc"sv, "objspace_xrealloc"sv,
    "_emalloc"sv, "_ecalloc"sv, "_erealloc"sv, "__zend_malloc"sv, "__zend_calloc"sv, "__zend_realloc"sv,
    "luaM_malloc_"sv, "luaM_realloc_"sv, "luaM_saferealloc_"sv, "l_alloc"sv,
    // GLib, SQLite, OpenSSL, Redis, git, jq, PostgreSQL, nginx
    "g_malloc"sv, "g_malloc0"sv, "g_malloc_n"sv, "g_malloc0_n"sv, "g_realloc"sv, "g_realloc_n"sv,
    "g_try_malloc"sv, "g_try_malloc0"sv, "g_try_realloc"sv, "g_slice_alloc"sv, "g_slice_alloc0"sv,
    "sqlite3_malloc"sv, "sqlite3_malloc64"sv, "sqlite3_realloc"sv, "sqlite3_realloc64"sv, "sqlite3Malloc"sv,
    "sqlite3MallocZero"sv, "sqlite3Realloc"sv, "sqlite3DbMallocRaw"sv, "sqlite3DbMallocRawNN"sv,
    "sqlite3DbMallocZero"sv, "sqlite3DbRealloc"sv, "sqlite3MemMalloc"sv, "sqlite3MemRealloc"sv,
    "mallocWithAlarm"sv, "dbMallocRawFinish"sv, "dbReallocFinish"sv, "CRYPTO_malloc"sv, "CRYPTO_zalloc"sv,
    "CRYPTO_realloc"sv, "CRYPTO_clear_realloc"sv, "zmalloc"sv, "zcalloc"sv, "zrealloc"sv, "zmalloc_usable"sv,
    "ztrymalloc_usable"sv, "ztrymalloc_usable_internal"sv, "ztrycalloc_usable"sv, "ztryrealloc_usable"sv,
    "zcalloc_num"sv, "jv_mem_alloc"sv, "jv_mem_calloc"sv, "jv_mem_realloc"sv, "palloc"sv, "AllocSetAlloc"sv,
    "palloc0"sv, "palloc_extended"sv, "repalloc"sv, "AllocSetRealloc"sv, "AllocSetAllocLarge"sv,
    "GenerationAlloc"sv, "SlabAlloc"sv, "MemoryContextAlloc"sv, "MemoryContextAllocZero"sv,
    "MemoryContextAllocZeroAligned"sv, "MemoryContextAllocExtended"sv, "pg_malloc"sv, "pg_malloc0"sv,
    "pg_realloc"sv, "guc_malloc"sv, "ngx_alloc"sv, "ngx_calloc"sv, "ngx_memalign"sv, "ngx_palloc"sv,
    "ngx_pnalloc"sv, "ngx_pcalloc"sv, "ngx_pmemalign"sv,
    // GCC, libiberty, Java's, Node and V8
    "os::malloc"sv, "os::realloc"sv, "AllocateHeap"sv, "ReallocateHeap"sv, "ChunkPool::allocate"sv,
    "ggc_internal_alloc"sv, "ggc_internal_cleared_alloc"sv, "ggc_realloc"sv, "_obstack_newchunk"sv,
    "_obstack_begin"sv, "_obstack_begin_1"sv, "node::Malloc"sv, "node::UncheckedMalloc"sv, "node::Calloc"sv,
    "node::Realloc"sv, "node::UncheckedRealloc"sv, "node::NodeArrayBufferAllocator::Allocate"sv,
    "node::NodeArrayBufferAllocator::AllocateUninitialized"sv, "v8::base::Malloc"sv,
    "v8::internal::AllocWithRetry"sv, "v8::internal::AlignedAllocWithRetry"sv,
    "v8::internal::Heap::AllocateExternalBackingStore"sv, "v8::internal::BackingStore::Allocate"sv,
    "v8::ArrayBuffer::NewBackingStore"sv, "v8::ArrayBuffer::NewBackingStoreForNodeLTS"sv,
    // How V8 comes from one language to the other
    "Builtins_CallApiCallback"sv, "Builtins_CallApiCallbackGeneric"sv, "Builtins_HandleApiCall"sv,
    "Builtins_HandleApiCallOrConstruct"sv, "Builtins_JSEntry"sv, "Builtins_JSEntryTrampoline"sv,
    "v8::internal::(anonymous namespace)::Invoke"sv, "v8::internal::Execution::Call"sv,
    "v8::internal::FunctionCallbackArguments::Call"sv, "v8::internal::Builtin_HandleApiCall"sv,
    "Builtins_CEntry_Return1_ArgvOnStack_BuiltinExit"sv,
    "Builtins_CEntry_Return1_ArgvOnStack_NoBuiltinExit"sv,
    // Rust
    "__rust_alloc"sv, "__rust_alloc_zeroed"sv, "__rust_realloc"sv, "__rdl_alloc"sv, "__rdl_alloc_zeroed"sv,
    "__rdl_realloc"sv, "__rg_alloc"sv, "__rg_alloc_zeroed"sv, "__rg_realloc"sv, "__rust_try"sv};

constexpr std::array kOfStandard = {"std::"sv, "__gnu_cxx::"sv, "__cxxabiv1::"sv, "__gthread_"sv};
// What a C++ program takes for the standard library's like: values, containers, text and the way of a call,
// compiled into its own file out of headers. What they hold is held for who called.
constexpr std::array kLikeStandard = {"boost::"sv, "absl::"sv, "fmt::"sv, "nlohmann::"sv, "rapidjson::"sv};
constexpr std::array kStart = {"_start"sv,
                               "start_thread"sv,
                               "clone"sv,
                               "clone3"sv,
                               "__clone"sv,
                               "__clone3"sv,
                               "__clone_internal"sv,
                               "__libc_start_main"sv,
                               "__libc_start_main_impl"sv,
                               "__libc_start_call_main"sv};
constexpr std::array kOfStartup = {"libc.so"sv, "libc-"sv, "libpthread"sv};
constexpr auto kLoader = "ld-linux"sv;
// Of the C library and its loader: who calls what an object has for its beginning and its end, or asks the
// loader to; and what may stand between.
constexpr std::array kOfLibc = {"libc.so"sv, "libc-"sv, "libdl.so"sv, "libdl-"sv};
constexpr std::array kCallConstructors = {"call_init"sv, "_dl_init"sv, "dlopen"sv, "dlmopen"sv,
                                          "__libc_dlopen_mode"sv};
constexpr std::array kCallDestructors = {"_dl_fini"sv,  "_dl_call_fini"sv, "_dl_close_worker"sv,
                                         "_dl_close"sv, "exit"sv,          "__run_exit_handlers"sv,
                                         "dlclose"sv};
constexpr std::array kBetween = {"_dl_catch_exception"sv, "_dl_catch_error"sv};
// Rust's, whose functions show no parameters; somebody's C++ may have such namespaces, too.
constexpr std::array kOfRust = {"alloc::"sv, "core::"sv, "std::"sv, "hashbrown::"sv, "__rustc::"sv};

// The standard libraries of C and C++, whole: what strdup or fopen asks for is its caller's.
constexpr std::array kLibraries = {"libc.so."sv,     "libc-2."sv,   "ld-linux"sv,
                                   "libstdc++.so"sv, "libc++.so"sv, "libc++abi.so"sv};
constexpr std::array kModules = {"libheapmeter.so"sv, "libmimalloc.so"sv, "libjemalloc.so"sv,
                                 "libtcmalloc.so"sv, "libtcmalloc_minimal.so"sv};

// Of a symbol as ELF has it: "malloc@@GLIBC_2.2.5".
std::string_view without_version(std::string_view name) { return name.substr(0, name.find('@')); }

bool is_one_of(std::string_view name, const auto &list) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool begins_as(std::string_view text, const auto &list) {
  return std::any_of(list.begin(), list.end(),
                     [text](std::string_view each) { return text.starts_with(each); });
}

constexpr const char *kConstructors = "constructors", *kDestructors = "destructors";

// What the loader calls: by its own functions, or, where it has no names, by who called it. Of a resolver
// that it asks for a function amid the program, and of what is cut short, nothing is known; of one that it
// asks while it takes a file in, only the loader's own names would tell that it is no constructor.
const char *name_by_loader(const Callers &callers) {
  const Frame *outermost = nullptr;
  std::size_t at = 0;
  for (const Frame *frame; (frame = callers(at)) != nullptr; ++at, outermost = frame) {
    const std::string_view function = without_version(frame->function);
    const bool of_loader = frame->module.starts_with(kLoader);
    if (is_made(*frame) || !(of_loader || begins_as(frame->module, kOfLibc))) return nullptr;
    if (is_one_of(function, kCallConstructors)) return kConstructors;
    if (is_one_of(function, kCallDestructors)) return kDestructors;
    if (!function.empty() && !is_one_of(function, kBetween) && !(of_loader && at > 0)) return nullptr;
  }
  return outermost->module.starts_with(kLoader) ? kConstructors : nullptr;
}

// Of Rust: "alloc::vec::Vec<T>", "[T]", "&mut str", "F".
bool is_standard_type(std::string_view type) {
  for (bool stripped = true; stripped;) {
    stripped = false;
    for (const std::string_view sign : {"<"sv, "&"sv, "*"sv, "["sv, "("sv, "mut "sv, "const "sv, "dyn "sv}) {
      if (!type.starts_with(sign)) continue;
      type.remove_prefix(sign.size());
      stripped = true;
    }
  }
  return begins_as(type, kOfRust) || (!type.empty() && type.find("::") == type.npos);
}

// What Rust's standard library has for types of its own, or for all: "<[T] as core::clone::Clone>::clone".
// What a program's own type does for a trait of the library, and its own trait for any type, is the
// program's.
bool is_standard_in_rust(std::string_view name) {
  if (begins_as(name, kOfRust)) return true;
  if (!name.starts_with('<')) return false;
  constexpr auto kAs = " as "sv;
  std::size_t depth = 1, at = 1, trait = 0;
  for (; at < name.size() && depth > 0; ++at) {
    if (name[at] == '<') ++depth;
    if (name[at] == '>' && name[at - 1] != '-') --depth;
    if (depth == 1 && trait == 0 && name.substr(at, kAs.size()) == kAs) trait = at;
  }
  if (depth > 0) return false;
  const bool built_in = "&*[("sv.find(name[1]) != name.npos;  // of the language itself, whatever is in it
  if (trait == 0) return built_in || is_standard_type(name.substr(1, at - 2));
  if (!begins_as(name.substr(trait + kAs.size()), kOfRust)) return false;
  return "[("sv.find(name[1]) != name.npos || is_standard_type(name.substr(1, trait - 1));
}

bool is_operator_new(std::string_view name) {
  const std::string_view last = name.ends_with("[]") ? name.substr(0, name.size() - 2) : name;
  return last == "operator new" || last.ends_with("::operator new");
}

}  // namespace

bool is_plumbing(const Frame &frame) {
  if (is_made(frame)) return false;  // a script may call its functions as it likes
  if (begins_as(frame.module, kModules) || begins_as(frame.module, kLibraries)) return true;
  const std::string_view name = qualified_name(frame.function);
  if ((name.size() == frame.function.size() || frame.function.starts_with('<')) &&
      is_standard_in_rust(frame.function))
    return true;
  return is_operator_new(name) || begins_as(name, kOfStandard) || begins_as(name, kLikeStandard) ||
         is_one_of(without_version(name), kFunctions);
}

bool is_startup(const Frame &frame) {
  if (is_made(frame)) return false;
  return is_one_of(without_version(frame.function), kStart) ||
         (frame.function.empty() && begins_as(frame.module, kOfStartup)) ||
         frame.module.starts_with(kLoader) ||
         (frame.function == "call_init" && begins_as(frame.module, kOfStartup));
}

const char *name_by_callers(const Callers &callers) {
  constexpr auto kStartMain = "__libc_start_main"sv, kCallMain = "__libc_start_call_main"sv;
  const Frame *caller = callers(0);
  if (caller == nullptr || is_made(*caller)) return nullptr;
  if (caller->module.starts_with(kLoader)) return name_by_loader(callers);
  if (!begins_as(caller->module, kOfStartup)) return nullptr;
  if (caller->function == "call_init") return kConstructors;
  // Before 2.34, whose file is called by its version, it called main itself, and constructors through the
  // program.
  if (caller->function.starts_with(kStartMain))
    return caller->module.starts_with("libc-") ? nullptr : kConstructors;
  if (!caller->function.empty()) return caller->function == kCallMain ? "main" : nullptr;
  const Frame *outer = callers(1);
  return outer != nullptr && outer->function.starts_with(kStartMain) ? "main" : nullptr;
}

const char *name_by_callers(const Callers &stack, std::size_t at) {
  const Frame *frame = stack(at);
  if (!frame->function.empty() || is_startup(*frame)) return nullptr;
  return name_by_callers([&](std::size_t outwards) { return stack(at + 1 + outwards); });
}

}  // namespace heapmeter::cli::symbols
