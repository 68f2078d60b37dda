// SPDX-License-Identifier: MIT
//
// How programs start: who allocates before main, whose malloc it is, and what the start-up may lack.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "row.h"

namespace heapmeter::testing::matrix {
namespace {

constexpr const char *kOwnMalloc = "its blocks are its own allocator's; `run` says so";
constexpr const char *kPlugin = "@libcpp_plugin.so";

std::function<std::string()> unless_built(const std::string &name, const std::string &package) {
  return [=] { return std::filesystem::exists(victim(name)) ? "" : package + " is not installed"; };
}

std::function<void(const Run &)> says(const char *words) {
  return [=](const Run &run) { EXPECT_NE(run.outcome.err.find(words), std::string::npos) << run.outcome; };
}

void four_blocks_and_stdouts(const Run &run) {
  EXPECT_EQ(run.report->by_kind("allocations_by_kind", "malloc"), 5);
  EXPECT_EQ((*run.report)["live_blocks"], 1);
}

// Made by the other libc: a text, what became of it, and one block of each size. None is in the books.
void seven_foreign(const Run &run) {
  const Reading &books = *run.report;
  EXPECT_EQ(books["foreign_frees"], 7);
  EXPECT_EQ(books["reallocations"], 0);
  for (const char *fault : {"mismatches", "size_mismatches", "double_frees"})
    EXPECT_EQ(books[fault], 0) << fault;
}

void none_left_by_plugins(const Run &run) {
  EXPECT_GE(run.report->by_kind("allocations_by_kind", "new"), 82'400) << "the plugins' work is counted";
  EXPECT_LT((*run.report)["live_blocks"], 60) << "the loader's own";
}

constexpr const char *kSanitizer = "its runtime's malloc stays the process's; one line says so";

// Started behind the meter, which says one line; nothing else may differ.
std::string second(const std::string &program) {
  return "$METERED ASAN_OPTIONS=verify_asan_link_order=0 ${VICTIMS}" + program +
         " 2> $TMPDIR/err; echo $?; grep -v '^heapmeter: ' $TMPDIR/err; "
         "case $PRELOADED in *heapmeter*) grep -c 'built with a sanitizer' $TMPDIR/err;; *) echo 1;; esac";
}

// clang has none of LeakSanitizer.
constexpr const char *kNoSharedRuntime = "a runtime to link dynamically";

Row ahead(const std::string &runtime) {
  return {.name = "dynamic_" + runtime + "_ahead",
          .promise = "its runtime preloaded ahead of the meter",
          .script = "program=${VICTIMS}dynamic_" + runtime +
                    "; exec $METERED LD_PRELOAD=$(ldd $program | grep -o '/[^ ]*" + runtime +
                    "[^ ]*'):$PRELOADED $program",
          .counted = Counted::kNothing,
          .because = kOwnMalloc,
          .skip = unless_built("dynamic_" + runtime, kNoSharedRuntime)};
}

std::vector<Row> phases() {
  return {
      {.name = "before_constructors",
       .promise = "allocating in preinit_array, constructors, exit handlers and destructors",
       .argv = {"@life_phases"},
       .check = four_blocks_and_stdouts},
      {.name = "constructors_before_ours",
       .promise = "allocating in constructors of libraries that run before the meter's",
       .argv = {"@constructors_of_libraries"},
       .check = [](const Run &run) { EXPECT_GE((*run.report)["reallocations"], 50); }},
      {.name = "constructors_after_ours",
       .promise = "the same in a library that is itself preloaded, ahead of the meter",
       .script = "exec $METERED LD_PRELOAD=${VICTIMS}libconstructor.so:$PRELOADED "
                 "${VICTIMS}constructors_of_libraries",
       .check = [](const Run &run) { EXPECT_GE((*run.report)["reallocations"], 50); }},
      {.name = "ifunc_resolver",
       .promise = "malloc, calloc, realloc and free inside an IFUNC resolver",
       .argv = {"@ifunc"}},
      {.name = "bind_now",
       .promise = "LD_BIND_NOW",
       .argv = {"@witness_cpp"},
       .environment = {{"LD_BIND_NOW", "1"}}},
      {.name = "addresses_taken",
       .promise = "an executable that is not PIE and takes the addresses of malloc and free",
       .argv = {"@function_pointers"},
       .check =
           [](const Run &run) { EXPECT_EQ((*run.report)["allocations"], 2001) << "and stdout's buffer"; }},
      {.name = "single_threaded",
       .promise = "`__libc_single_threaded` stays true, also while served",
       .argv = {"@single_threaded"}},
      {.name = "started_by_loader",
       .promise = "started as an argument of the dynamic linker",
       .script = "exec $METERED /lib64/ld-linux-x86-64.so.2 ${VICTIMS}witness_c"},
  };
}

std::vector<Row> allocators() {
  return {
      {.name = "own_malloc",
       .promise = "an executable with a malloc of its own keeps it",
       .argv = {"@own_malloc"},
       .counted = Counted::kNothing,
       .because = kOwnMalloc},
      {.name = "own_malloc_partly",
       .promise = "one that defines only a part of the malloc family",
       .argv = {"@own_malloc_partly"},
       .counted = Counted::kNothing,
       .because = kOwnMalloc},
      {.name = "own_malloc_and_new",
       .promise = "one with a malloc and an operator new of its own, apart from each other",
       .argv = {"@own_malloc_and_new"},
       .counted = Counted::kNothing,
       .because = kOwnMalloc},
      {.name = "own_new",
       .promise = "replacing only `new(size_t)` and `delete(void*)`: array, nothrow, sized forms follow",
       .argv = {"@own_new"}},
      {.name = "own_new_not_aligned",
       .promise = "the same: aligned forms do not follow, as the standard has it",
       .argv = {"@aligned_new"}},
      {.name = "linked_with_jemalloc",
       .promise = "linked with jemalloc",
       .argv = {"@linked_with_jemalloc"},
       .skip = unless_built("linked_with_jemalloc", "libjemalloc-dev")},
      {.name = "linked_with_tcmalloc",
       .promise = "linked with tcmalloc",
       .argv = {"@linked_with_tcmalloc"},
       .skip = unless_built("linked_with_tcmalloc", "libgoogle-perftools-dev")},
      {.name = "another_preloaded_behind",
       .promise = "jemalloc preloaded behind the meter",
       .script = "exec $METERED LD_PRELOAD=$PRELOADED:libjemalloc.so.2 ${VICTIMS}linked_with_jemalloc",
       .skip = unless_built("linked_with_jemalloc", "libjemalloc-dev")},
      {.name = "another_preloaded_ahead",
       .promise = "jemalloc preloaded ahead of the meter",
       .script = "exec $METERED LD_PRELOAD=libjemalloc.so.2:$PRELOADED ${VICTIMS}linked_with_jemalloc",
       .counted = Counted::kNothing,
       .because = "the first in LD_PRELOAD is the program's malloc; put the meter first",
       .skip = unless_built("linked_with_jemalloc", "libjemalloc-dev")},
      {.name = "preloaded_twice",
       .promise = "the meter named twice",
       .script = "exec $METERED LD_PRELOAD=$PRELOADED:$PRELOADED ${VICTIMS}witness_cpp"},
  };
}

std::vector<Row> runtimes() {
  return {
      {.name = "static_runtime",
       .promise = "-static-libstdc++: handlers are called, bad_alloc is caught",
       .argv = {"@static_runtime"}},
      {.name = "static_runtime_exported",
       .promise = "the same with its operators exported (-rdynamic)",
       .argv = {"@static_runtime_exported"}},
      {.name = "plugins_in_a_loop",
       .promise = "a C program that loads and unloads a C++ library a hundred times",
       .argv = {"@plugin_loop", "@libwords_plugin.so"},
       .check = none_left_by_plugins},
      {.name = "plugin_local", .promise = "a C++ plugin, RTLD_LOCAL", .argv = {"@c_host", kPlugin, "local"}},
      {.name = "plugin_global",
       .promise = "a C++ plugin, RTLD_GLOBAL",
       .argv = {"@c_host", kPlugin, "global"}},
      {.name = "plugin_deepbind",
       .promise = "a C++ plugin, RTLD_DEEPBIND, whose block the host frees",
       .argv = {"@c_host", kPlugin, "deepbind"}},
      {.name = "plugin_apart",
       .promise = "a C++ plugin in a namespace of its own (dlmopen)",
       .argv = {"@plugin_loop", "@libwords_plugin.so", "apart"}},
      {.name = "plugin_apart_deepbind",
       .promise = "the same with RTLD_DEEPBIND, whose blocks the host resizes and frees",
       .argv = {"@blocks_across", kPlugin, "apart"},
       .counted = Counted::kFaults,
       .check = seven_foreign},
      {.name = "plugin_here_deepbind",
       .promise = "dlmopen with RTLD_DEEPBIND into the program's own namespace",
       .argv = {"@blocks_across", kPlugin, "here"},
       .check = [](const Run &run) { EXPECT_EQ((*run.report)["reallocations"], 1); }},
  };
}

std::vector<Row> not_to_be_metered() {
  return {
      {.name = "set_uid",
       .promise = "a set-uid program",
       .script =
           "cp ${VICTIMS}witness_c $TMPDIR/other && chown 65534 $TMPDIR/other && chmod 4755 $TMPDIR/other &&"
           " chmod 755 $TMPDIR && exec $METERED $TMPDIR/other",
       .counted = Counted::kNothing,
       .because = "the dynamic linker ignores LD_PRELOAD; `run` refuses and says so",
       .skip = unless_root},
      {.name = "static_libc",
       .promise = "a static program",
       .argv = {"@static_libc"},
       .counted = Counted::kNothing,
       .because = "nothing can be preloaded; `run` refuses and says so"},
      {.name = "static_asan",
       .promise = "AddressSanitizer, linked statically",
       .argv = {"@static_asan"},
       .counted = Counted::kNothing,
       .because = kOwnMalloc},
      {.name = "static_asan_finds",
       .promise = "the same finds what it is for",
       .script = "$METERED ${VICTIMS}static_asan wrong 2>&1 | grep -o 'heap-use-after-free on address'",
       .counted = Counted::kNothing,
       .because = kOwnMalloc},
      {.name = "static_tsan",
       .promise = "ThreadSanitizer, linked statically",
       .argv = {"@static_tsan"},
       .counted = Counted::kNothing,
       .because = kOwnMalloc},
      {.name = "dynamic_lsan_second",
       .promise = "LeakSanitizer, linked dynamically, with a bare LD_PRELOAD",
       .script = second("dynamic_lsan"),
       .counted = Counted::kNothing,
       .because = kSanitizer,
       .skip = unless_built("dynamic_lsan", kNoSharedRuntime)},
      {.name = "dynamic_lsan_second_finds",
       .promise = "the same finds what it is for",
       .script = "$METERED ${VICTIMS}loses_by_sanitized forgetting_a_local 2>&1 | "
                 "grep -oE 'leaked in 30 allocation|has encountered a fatal error'",
       .counted = Counted::kNothing,
       .because = kSanitizer},
      ahead("lsan"),
      {.name = "static_ubsan", .promise = "UBSan, linked statically", .argv = {"@static_ubsan"}},
      {.name = "dynamic_ubsan", .promise = "UBSan, linked dynamically", .argv = {"@dynamic_ubsan"}},
      {.name = "dynamic_asan",
       .promise = "AddressSanitizer, linked dynamically, under `run`",
       .argv = {"@dynamic_asan"},
       .by_tool = true,
       .because = "its runtime must be the first malloc; `run` refuses and says so",
       .refused = true,
       .check =
           says("is built with a sanitizer, which brings its own allocator; build it without -fsanitize")},
      {.name = "dynamic_asan_preloaded",
       .promise = "the same with a bare LD_PRELOAD",
       .argv = {"@dynamic_asan"},
       .because = "AddressSanitizer itself refuses to start behind any other library, and says so",
       .refused = true,
       .check = says("ASan runtime does not come first in initial library list")},
      {.name = "dynamic_asan_second",
       .promise = "the same told to start behind another library (verify_asan_link_order=0)",
       .script = second("dynamic_asan"),
       .counted = Counted::kNothing,
       .because = kSanitizer},
      {.name = "dynamic_asan_second_finds",
       .promise = "the same finds what it is for",
       .script = "$METERED ASAN_OPTIONS=verify_asan_link_order=0 ${VICTIMS}dynamic_asan wrong 2>&1 | "
                 "grep -o 'heap-use-after-free on address'",
       .counted = Counted::kNothing,
       .because = kSanitizer},
      ahead("asan"),
      {.name = "dynamic_tsan_second",
       .promise = "ThreadSanitizer, linked dynamically, with a bare LD_PRELOAD",
       .script = second("dynamic_tsan"),
       .counted = Counted::kNothing,
       .because = kSanitizer},
      {.name = "dynamic_tsan_second_finds",
       .promise = "the same finds what it is for",
       .script =
           "$METERED ${VICTIMS}dynamic_tsan wrong 2>&1 | grep -o 'ThreadSanitizer: heap-use-after-free'",
       .counted = Counted::kNothing,
       .because = kSanitizer},
      ahead("tsan"),
      {.name = "dynamic_tsan",
       .promise = "ThreadSanitizer, linked dynamically, under `run`",
       .argv = {"@dynamic_tsan"},
       .by_tool = true,
       .because = "its runtime must be the first malloc; `run` refuses and says so",
       .refused = true,
       .check =
           says("is built with a sanitizer, which brings its own allocator; build it without -fsanitize")},
  };
}

// A child that perl starts, where the preload is named as `heapmeter run` names it.
Row child_of_perl(std::string name, std::string promise, const std::string &compile,
                  const std::string &needs) {
  return {.name = std::move(name),
          .promise = std::move(promise),
          .script = "cd $TMPDIR; " + compile +
                    " || exit 1; by=$PRELOADED; [[ $by != $METER ]] || "
                    "by=${METER%/*}/heapmeter/preload/'$LIB'/libheapmeter.so; "
                    "exec $METERED ${by:+LD_PRELOAD=$by} perl -e '$| = 1; print system(\"./child\") >> 8'",
          .skip = [needs] { return access(needs.c_str(), X_OK) == 0 ? "" : needs + " is not installed"; }};
}

// One that has all but the newest name that the library needs of a libc: this machine's with that name
// spoilt. Those before 2.36 run on (tests/elsewhere/old_libc.sh).
Row child_of_lacking_glibc() {
  Row row = child_of_perl(
      "child_of_lacking_glibc",
      "a child whose glibc lacks a version that the library needs, and is too new to leave it out for its "
      "note, under `run`",
      "for file in /lib64/ld-linux-x86-64.so.2 $(gcc -print-file-name=libc.so.6); do "
      "LC_ALL=C sed 's/\\x00GLIBC_2[.]35\\x00/\\x00GLIBC_0.35\\x00/' $file > ${file##*/}; done; "
      "chmod +x ld-linux-x86-64.so.2; gcc -Wl,--dynamic-linker=$PWD/ld-linux-x86-64.so.2 -Wl,-rpath,$PWD "
      "-o child -x c - <<<'int main(void) { return 7; }'",
      "/lib64/ld-linux-x86-64.so.2");
  row.refused = true;
  row.because =
      "ld.so ends whom it cannot give the library to; `run` says so in its summary, and refuses where the "
      "program itself is such a one";
  row.check = says("version `GLIBC_2.35' not found");
  return row;
}

std::vector<Row> of_another_kind() {
  return {
      child_of_lacking_glibc(),
      child_of_perl("child_of_musl", "a child on musl, under `run`",
                    "musl-gcc -o child -x c - <<<'int main(void) { return 7; }'", "/usr/bin/musl-gcc"),
      child_of_perl("child_of_32_bits", "a child of 32 bits, under `run`",
                    "gcc -m32 -nostdlib -pie -fPIE -Wl,--dynamic-linker=/lib/ld-linux.so.2 -o child -x c - "
                    "<<<'void _start(void) { __asm__(\"mov $1, %eax; mov $7, %ebx; int $0x80\"); }'",
                    "/lib/ld-linux.so.2")};
}

std::vector<Row> lacking() {
  return {
      {.name = "no_stdin",
       .promise = "started with standard input closed",
       .script = "$METERED ${VICTIMS}closed_streams <&-; echo opens $?"},
      {.name = "no_streams",
       .promise = "started with all standard streams closed",
       .script = "$METERED ${VICTIMS}closed_streams <&- >&- 2>&-; echo opens $?"},
      {.name = "empty_environment",
       .promise = "an empty environment",
       .script = "exec env -i /lib64/ld-linux-x86-64.so.2 ${PRELOADED:+--preload $PRELOADED} "
                 "${VICTIMS}empty_environment",
       .counted = Counted::kNoMatter},
      {.name = "no_arguments",
       .promise = "argv[0] NULL, and no variables but the meter's",
       .argv = {"@exec_without_arguments", "@witness_c"}},
  };
}

}  // namespace

Group start_group() {
  Group start{"start", {}};
  for (auto &part : {phases(), allocators(), runtimes(), not_to_be_metered(), lacking(), of_another_kind()}) {
    start.rows.insert(start.rows.end(), part.begin(), part.end());
  }
  return start;
}

}  // namespace heapmeter::testing::matrix
