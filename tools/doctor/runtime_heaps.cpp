// SPDX-License-Identifier: MIT
#include "doctor/runtime_heaps.h"

#include <string_view>

#include <fmt/format.h>

namespace heapmeter::cli {
namespace {

struct Runtime {
  const char *key;      // as in symbol_marks.cpp
  const char *library;  // the start of its library's name, or ""
  const char *memory;   // what it keeps, and whose that is
  const char *what;
  const char *advice;
  const char *variable;  // when set to `value`, nothing is hidden
  const char *value;
};

constexpr Runtime kRuntimes[] = {
    {"go", "", "Go's heap",
     "is a Go program, whose heap the meter cannot see: only what its C code allocates is counted",
     "read Go's own heap with runtime/pprof", "", ""},
    {"java", "libjvm.so", "Java's heap and code",
     "runs Java, whose heap the meter cannot see: only what native code allocates is counted",
     "read Java's own heap with jcmd PID GC.heap_info", "", ""},
    {"dotnet", "libcoreclr.so", ".NET's heap",
     "runs .NET, whose heap the meter cannot see: only what native code allocates is counted",
     "read .NET's own heap with dotnet-counters", "", ""},
    {"v8", "", "V8's heap (JavaScript)",
     "runs JavaScript in V8, whose heap the meter cannot see: only what native code allocates is counted",
     "read V8's own heap with process.memoryUsage()", "", ""},
    {"python", "", "Python's arenas",
     "keeps Python's small objects in arenas of its own, which the meter cannot see",
     "set PYTHONMALLOC=malloc to have every object counted", "PYTHONMALLOC", "malloc"},
    {"php", "", "PHP's heap", "keeps PHP's objects in a heap of its own, which the meter cannot see",
     "set USE_ZEND_ALLOC=0 to have every object counted", "USE_ZEND_ALLOC", "0"},
    {"ruby", "", "Ruby's pages of objects",
     "keeps Ruby's objects in pages of its own, which the meter cannot see, but for what they hold outside",
     "read Ruby's own heap with GC.stat", "", ""},
    {"haskell", "", "Haskell's heap",
     "runs Haskell, whose heap the meter cannot see: only what C code allocates is counted",
     "read Haskell's own heap with +RTS -s", "", ""},
    {"erlang", "", "Erlang's carriers",
     "runs Erlang, whose allocators take memory from the kernel themselves, where the meter cannot see it",
     "read Erlang's own memory with erlang:memory()", "", ""},
    {"mono", "", "Mono's heap (.NET)",
     "runs .NET in Mono, whose heap the meter cannot see: only what native code allocates is counted",
     "read Mono's own heap with mono --profile=log", "", ""},
    {"sbcl", "", "SBCL's heap (Lisp)",
     "runs Lisp in SBCL, whose heap the meter cannot see: only what C code allocates is counted",
     "read SBCL's own heap with (room)", "", ""},
    {"ocaml", "", "OCaml's heap",
     "keeps OCaml's values in a heap of its own, of which the meter sees at best the large pieces it is made "
     "of",
     "read OCaml's own heap with Gc.stat ()", "", ""},
    {"gcc", "", "GCC's own heap",
     "keeps what it compiles in a collected heap of its own, which the meter cannot see",
     "read GCC's own heap with -fmem-report", "", ""},
};

Finding finding_of(const Runtime &runtime, const std::string &file) {
  return {Found::k_own_heap, file, fmt::format("{} {}", file, runtime.what), runtime.advice};
}

bool is_in(const Runtime &runtime, const ElfFile &elf) {
  const std::string_view key = runtime.key;
  if (key == "go") return elf.is_go;
  // The launcher of Java wants its functions, every other runtime has them.
  for (const SymbolMark &mark : elf.marks) {
    if (mark.known.mark == SymbolKind::kHeap && key == mark.known.of && (mark.defined || key == "java"))
      return true;
  }
  return false;
}

const Runtime *runtime_in(const ElfFile &elf, const Lookup &variable) {
  for (const Runtime &runtime : kRuntimes) {
    if (!is_in(runtime, elf)) continue;
    if (*runtime.variable == '\0' || variable(runtime.variable) != runtime.value) return &runtime;
  }
  return nullptr;
}

const Runtime *runtime_of_library(const std::string &file) {
  const std::string name = file.substr(file.rfind('/') + 1);
  for (const Runtime &runtime : kRuntimes) {
    if (*runtime.library != '\0' && name.starts_with(runtime.library)) return &runtime;
  }
  return nullptr;
}

}  // namespace

std::optional<Finding> own_heap(const ElfFile &elf, const std::string &file, const Lookup &variable) {
  const Runtime *runtime = runtime_in(elf, variable);
  return runtime == nullptr ? std::nullopt : std::optional(finding_of(*runtime, file));
}

std::optional<Finding> own_heap_of_library(const std::string &file) {
  const Runtime *runtime = runtime_of_library(file);
  return runtime == nullptr ? std::nullopt : std::optional(finding_of(*runtime, file));
}

std::optional<OwnMemory> own_memory(const ElfFile &elf, const Lookup &variable) {
  const Runtime *runtime = runtime_in(elf, variable);
  return runtime == nullptr ? std::nullopt : std::optional(OwnMemory{runtime->memory, runtime->advice});
}

std::optional<OwnMemory> own_memory_of_library(const std::string &file) {
  const Runtime *runtime = runtime_of_library(file);
  return runtime == nullptr ? std::nullopt : std::optional(OwnMemory{runtime->memory, runtime->advice});
}

}  // namespace heapmeter::cli
