// SPDX-License-Identifier: MIT
//
// Other libraries preloaded beside the meter, and programs with a malloc of their own that is built on the
// next one: each runs as without the meter, down to the number of calls that it sees.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include "row.h"

namespace heapmeter::testing::matrix {
namespace {

// What every_call makes in all, its runtime's buffers included.
constexpr int kBlocks = 1'450;

constexpr const char *kElsewhere = "what it passes on goes to libc itself, past the meter";
constexpr const char *kOff = "HEAPMETER_OFF, HEAPMETER_ONLY or HEAPMETER_EXCEPT";
const Environment kSays = {{"FORWARDING_SAYS", "1"}};

std::string ahead(const std::string &library, const std::string &program) {
  return "exec $METERED LD_PRELOAD=" + library + ":$PRELOADED " + program;
}

std::string victims(const std::string &name) { return "${VICTIMS}" + name; }

void all_counted(const Run &run) {
  EXPECT_GE((*run.report)["allocations"], kBlocks);
  EXPECT_LE((*run.report)["live_blocks"], 5) << "stdout's buffer, the runtime's pool and one lost block";
}

Row forwards(const std::string &name, const std::string &promise, const std::string &library) {
  return {.name = name,
          .promise = promise,
          .script = ahead(victims("lib" + library + ".so"), victims("every_call")),
          .environment = kSays,
          .on_next = true,
          .check = all_counted};
}

Row past_us(Row row) {
  row.counted = Counted::kNothing;
  row.because = kElsewhere;
  row.check = nullptr;
  return row;
}

Row mixed(Row row) {
  row.counted = Counted::kFaults;
  row.because = "blocks of libc's own, which it gets past the meter, reach the meter's free: foreign frees";
  row.check = nullptr;
  return row;
}

// Its first call past the other malloc starts the service.
void read_while_it_holds(Visit &visit) {
  if (!eventually([&] { return visit.process.out() == "ready\n"; })) throw std::runtime_error("not ready");
  if (visit.meter != nullptr) {
    const Reading now = visit.snapshot();
    EXPECT_EQ(now["live_bytes"], 3 * 1001 + 3 * static_cast<int>(sizeof(void *)));
    EXPECT_EQ(now["live_blocks"], 4);
  }
  visit.process.signal(SIGTERM);
}

// The service starts with the first call past the other malloc, here in a child that may share its parent's
// memory.
Row first_block(const std::string &way, const std::string &promise) {
  return {.name = "first_block_by_" + way,
          .promise = promise,
          .script = ahead(victims("libforwarding_by_next.so"), victims("child_first ") + way),
          .on_next = true,
          .visit = [](Visit &visit) {
            if (!eventually([&] { return visit.process.out() == "ready\n"; }))
              throw std::runtime_error("not ready");
            if (visit.meter != nullptr) {
              EXPECT_EQ(visit.snapshot()["live_bytes"], 3 * 1001);
            }
            visit.process.signal(SIGTERM);
          }};
}

std::vector<Row> whole_families() {
  return {
      forwards("by_next", "a malloc preloaded ahead that is built on the next one (RTLD_NEXT)",
               "forwarding_by_next"),
      forwards("by_libc", "the same on `__libc_malloc`", "forwarding_by_libc"),
      past_us(forwards("by_version", "the same by dlvsym", "forwarding_by_version")),
      past_us(forwards("by_handle", "the same by a handle of libc's", "forwarding_by_handle")),
      {.name = "itself_by_next",
       .promise = "an executable whose malloc is built on the next one",
       .argv = {"@forwards_itself_by_next"},
       .environment = kSays,
       .on_next = true,
       .check = all_counted},
      {.name = "itself_by_libc",
       .promise = "the same on `__libc_malloc`",
       .argv = {"@forwards_itself_by_libc"},
       .environment = kSays,
       .on_next = true,
       .check = all_counted},
      {.name = "itself_by_version",
       .promise = "the same by dlvsym",
       .argv = {"@forwards_itself_by_version"},
       .environment = kSays,
       .counted = Counted::kNothing,
       .because = kElsewhere},
      {.name = "itself_not_pie",
       .promise = "an executable that is not PIE whose malloc is built on the next one",
       .argv = {"@forwards_itself_not_pie"},
       .environment = kSays,
       .on_next = true,
       .check = all_counted},
      {.name = "itself_wrapped",
       .promise = "one whose calls the linker wraps (--wrap)",
       .argv = {"@forwards_itself_wrapped"},
       .environment = kSays,
       .check = all_counted},
      {.name = "served",
       .promise = "a program of such a malloc is read while it runs",
       .script = ahead(victims("libforwarding_by_next.so"), "${VICTIMS}holder 3 1001"),
       .on_next = true,
       .visit = read_while_it_holds},
      first_block("fork", "its first block is made by a forked child; the program itself is read"),
      first_block("vfork", "the same by a vfork child, in its parent's memory"),
      first_block("clone", "the same by a child of clone with CLONE_VM and CLONE_VFORK"),
      {.name = "two_ahead",
       .promise = "two such libraries in a row",
       .script = ahead("${VICTIMS}libforwarding_by_next.so:${VICTIMS}libforwarding_by_libc.so",
                       victims("every_call")),
       .environment = kSays,
       .on_next = true,
       .check = all_counted},
      {.name = "library_and_executable",
       .promise = "one ahead of the meter, and an executable that does the same",
       .script = ahead("${VICTIMS}libforwarding_by_next.so", victims("forwards_itself_by_libc")),
       .environment = kSays,
       .on_next = true,
       .check = all_counted},
  };
}

// What it asks for by name to serve the meter is the meter's, too: one block, in the books once.
Row built_on(const std::string &on, const std::string &promise, bool ahead_of_us) {
  const std::string library = victims("libbuilt_on_" + on + ".so");
  const std::string both = ahead_of_us ? library + ":$PRELOADED" : "$PRELOADED:" + library;
  return {.name = "built_on_" + on + (ahead_of_us ? "_ahead" : "_behind"),
          .promise = promise + (ahead_of_us ? ", ahead" : ", behind"),
          .script = "exec $METERED LD_PRELOAD=" + both + " " + victims("every_call"),
          .on_next = ahead_of_us,
          .check = all_counted};
}

std::vector<Row> behind() {
  return {
      {.name = "behind_by_next",
       .promise = "such a library preloaded behind the meter",
       .script = "exec $METERED LD_PRELOAD=$PRELOADED:${VICTIMS}libforwarding_by_next.so "
                 "${VICTIMS}every_call",
       .check = all_counted},
      {.name = "behind_by_libc",
       .promise = "the same on `__libc_malloc`",
       .script = "exec $METERED LD_PRELOAD=$PRELOADED:${VICTIMS}libforwarding_by_libc.so "
                 "${VICTIMS}every_call",
       .check = all_counted},
      {.name = "ahead_and_behind",
       .promise = "one ahead and one behind",
       .script = "exec $METERED LD_PRELOAD=${VICTIMS}libforwarding_by_next.so:$PRELOADED:"
                 "${VICTIMS}libforwarding_by_libc.so ${VICTIMS}every_call",
       .on_next = true,
       .check = all_counted},
      built_on("malloc", "one whose calloc and realloc call malloc and free by name", true),
      built_on("malloc", "the same", false),
      built_on("calloc", "one whose malloc calls calloc by name", true),
      built_on("calloc", "the same", false),
      built_on("realloc", "one whose malloc calls realloc by name", true),
      built_on("realloc", "the same", false),
      built_on("memalign", "one whose malloc calls memalign by name", true),
      built_on("memalign", "the same", false),
      built_on("itself", "one whose realloc calls itself by name, then libc's", true),
      built_on("itself", "the same", false),
      built_on("aligned_alloc", "one whose memalign calls aligned_alloc by name", true),
      built_on("aligned_alloc", "the same", false),
      built_on("posix_memalign", "one whose memalign calls posix_memalign by name", true),
      built_on("posix_memalign", "the same", false),
      built_on("reallocarray", "one whose realloc calls reallocarray by name", true),
      built_on("reallocarray", "the same", false),
      built_on("free_on_realloc", "one whose free calls realloc by name", true),
      built_on("free_on_realloc", "the same", false),
      built_on("free_on_cfree", "one whose free calls cfree by name", true),
      built_on("free_on_cfree", "the same", false),
      built_on("free_on_delete", "one whose free calls operator delete by name", true),
      built_on("free_on_delete", "the same", false),
      built_on("scratch", "one with scratch blocks amid its calls, released by name", true),
      built_on("scratch", "the same", false),
      built_on("kept_block", "one that keeps a block from call to call", true),
      built_on("kept_block", "the same", false),
  };
}

std::vector<Row> parts() {
  std::vector<Row> rows = {
      forwards("without_calloc", "one that has no calloc and no aligned calls", "forwarding_without_calloc")};
  for (const std::string part : {"malloc", "free", "calloc", "realloc", "aligned"}) {
    const std::string calls = part == "aligned" ? "the aligned calls" : part;
    rows.push_back(forwards("only_" + part + "_by_next", "one with nothing but " + calls + ", by RTLD_NEXT",
                            "forwarding_" + part + "_by_next"));
    rows.push_back(forwards("only_" + part + "_by_libc", "the same by `__libc_" + part + "`",
                            "forwarding_" + part + "_by_libc"));
    rows.push_back(mixed(forwards("only_" + part + "_by_handle", "the same by a handle of libc's",
                                  "forwarding_" + part + "_by_handle")));
  }
  return rows;
}

std::vector<Row> switched_off() {
  std::vector<Row> rows;
  for (const auto &[name, variable, value] :
       {std::tuple("off", "HEAPMETER_OFF", "1"), std::tuple("only_another", "HEAPMETER_ONLY", "another"),
        std::tuple("all_except", "HEAPMETER_EXCEPT", "every_call,forwards_itself_by_libc")}) {
    const std::string set = std::string(variable) + "=" + value;
    rows.push_back({.name = std::string(name) + "_by_next",
                    .promise = "a malloc built on the next one, with " + set,
                    .script = ahead(victims("libforwarding_by_next.so"), victims("every_call")),
                    .environment = {{"FORWARDING_SAYS", "1"}, {variable, value}},
                    .counted = Counted::kNothing,
                    .because = kOff});
    rows.push_back({.name = std::string(name) + "_itself_by_libc",
                    .promise = "the same in an executable, on `__libc_malloc`",
                    .argv = {"@forwards_itself_by_libc"},
                    .environment = {{"FORWARDING_SAYS", "1"}, {variable, value}},
                    .counted = Counted::kNothing,
                    .because = kOff});
  }
  return rows;
}

// Prints how often each preloaded operator was called, and any report with a wrong call in it.
std::string with_operators(const std::string &loop) {
  return "one() { $METERED ${PRELOADED:+HEAPMETER_REPORT=$TMPDIR/%p.json} LD_PRELOAD=$1$PRELOADED "
         "${VICTIMS}every_operator; }\n" +
         loop +
         "\ncat $TMPDIR/*.json 2>/dev/null | grep -oE '\"(size_)?mismatches\":[1-9][0-9]*'"
         "\necho all";
}

std::vector<Row> operators() {
  return {
      {.name = "operator_alone",
       .promise = "each of the twenty operators new and delete replaced by one that passes on",
       .script = with_operators("for i in {0..19}; do one ${VICTIMS}libforwarding_operator_$i.so:; done"),
       .counted = Counted::kNoMatter},
      {.name = "operators_in_pairs",
       .promise = "any two of them",
       .script = with_operators(
           "for i in {0..19}; do for ((j = 0; j < i; ++j)); do one "
           "${VICTIMS}libforwarding_operator_$i.so:${VICTIMS}libforwarding_operator_$j.so:; done; done"),
       .deadline = std::chrono::seconds(240),
       .counted = Counted::kNoMatter},
      {.name = "operators_all",
       .promise = "all of them",
       .script =
           with_operators("all=; for i in {0..19}; do all+=${VICTIMS}libforwarding_operator_$i.so:; done; "
                          "one $all"),
       .counted = Counted::kNoMatter},
      {.name = "operators_and_malloc",
       .promise = "all of them, and a malloc built on the next one",
       .script = with_operators("all=${VICTIMS}libforwarding_by_libc.so:; for i in {0..19}; do "
                                "all+=${VICTIMS}libforwarding_operator_$i.so:; done; one $all"),
       .counted = Counted::kNoMatter},
      {.name = "own_new_aligned",
       .promise = "an executable that replaces only the aligned pair: array and nothrow forms follow",
       .argv = {"@own_new_aligned"}},
      {.name = "handlers_behind_malloc",
       .promise = "new-handlers and bad_alloc with a malloc built on the next one",
       .script = ahead(victims("libforwarding_by_next.so"), victims("new_handler")),
       .counted = Counted::kFaults,
       .on_next = true},
  };
}

std::string library_path(const char *name) { return std::string("/usr/lib/x86_64-linux-gnu/") + name; }

std::function<std::string()> unless_there(const std::string &file, const char *package) {
  return [=] { return std::filesystem::exists(file) ? "" : std::string(package) + " is not installed"; };
}

// Mimalloc's first allocation calls what a library ahead replaces, and that allocates under a lock of its
// own: with some calls bare mimalloc then waits for itself for ever.
constexpr std::chrono::seconds kForALock{5};

Row beside(const std::string &name, const std::string &promise, const std::string &library,
           const char *package) {
  return {.name = name,
          .promise = promise,
          .script = ahead(library, victims("every_call")),
          .bare_deadline = kForALock,
          .on_next = true,
          .skip = unless_there(library, package),
          .check = [](const Run &run) { EXPECT_GE((*run.report)["allocations"], kBlocks); }};
}

// Of each that mimalloc makes as it starts, and libc's own malloc does not.
std::vector<Row> replaced_calls() {
  std::vector<Row> rows;
  for (const std::string call : {"syscall", "open", "close", "read", "access", "clock_gettime"}) {
    rows.push_back(
        {.name = "call_of_the_kernel_" + call,
         .promise = "a library ahead that replaces " + call + "() alone, and allocates in it under a lock",
         .script = ahead(victims("libinterposed_" + call + ".so"), victims("every_call")),
         .bare_deadline = kForALock,  // with access(), or with mimalloc 3 syscall()
         .on_next = true,
         .check = all_counted});
  }
  return rows;
}

std::vector<Row> real() {
  const std::string debug = library_path("libc_malloc_debug.so.0");
  const std::string memusage = library_path("libmemusage.so");
  return {
      beside("heaptrack", "heaptrack's library ahead", "/usr/lib/heaptrack/libheaptrack_preload.so",
             "heaptrack"),
      {.name = "memusage",
       .promise = "memusage's library ahead: it counts as many calls",
       .script = "$METERED LD_PRELOAD=" + memusage +
                 ":$PRELOADED ${VICTIMS}every_call 2>&1 | sed -e 's/\\x1b[^m]*m//g'"
                 " | grep -oE '^ *(malloc|realloc|calloc|free)\\| *[0-9]+'",
       .on_next = true,
       .skip = unless_there(memusage, "libc-devtools")},
      {.name = "mtrace",
       .promise = "mtrace with libc_malloc_debug ahead: the trace has the lost block",
       .script = "$METERED MALLOC_TRACE=$TMPDIR/trace LD_PRELOAD=" + debug +
                 ":$PRELOADED ${VICTIMS}traced && "
                 "grep -cE '^@.* [+<>-] ' $TMPDIR/trace && mtrace $TMPDIR/trace | grep -o '0x1c8'",
       .on_next = true,
       .skip = unless_there("/usr/bin/mtrace", "libc-devtools")},
      {.name = "malloc_check",
       .promise = "MALLOC_CHECK_ with libc_malloc_debug ahead",
       .script = "exec $METERED MALLOC_CHECK_=3 LD_PRELOAD=" + debug + ":$PRELOADED ${VICTIMS}every_call",
       .counted = Counted::kNothing,
       .because = "libc_malloc_debug then has a heap of its own"},
      {.name = "gprofng",
       .promise = "gprofng collecting heap events",
       .script =
           "$METERED gprofng collect app -H on -o $TMPDIR/run.er ${VICTIMS}every_call | grep -v ^Creating; "
           "ls $TMPDIR/run.er | grep heaptrace",
       .on_next = true,
       .skip = unless_there("/usr/bin/gprofng", "binutils")},
      beside("torsocks", "torsocks' library ahead", library_path("torsocks/libtorsocks.so"), "torsocks"),
      beside("faketime", "faketime's library ahead", library_path("faketime/libfaketime.so.1"), "faketime"),
      beside("eatmydata", "eatmydata's library ahead", library_path("libeatmydata.so.1"), "eatmydata"),
      {.name = "fakeroot",
       .promise = "programs under fakeroot",
       .script = "$METERED fakeroot bash -c 'id -u; touch $0; chown 33 $0; stat -c %u $0' $TMPDIR/file",
       .counted = Counted::kNoMatter,
       .skip = unless_there("/usr/bin/fakeroot", "fakeroot")},
      {.name = "dlsym",
       .promise = "a library ahead that replaces dlsym",
       .script = ahead(victims("libinterposed_dlsym.so"), victims("calls_of_libc")),
       .deadline = std::chrono::seconds(20)},
      {.name = "calls_of_the_kernel",
       .promise = "a library ahead that replaces syscall() and close(), and allocates in them under a lock",
       .script = ahead(victims("libinterposed_calls.so"), victims("every_call")),
       .bare_deadline = kForALock,
       .on_next = true,
       .check = all_counted},
      {.name = "calls_of_the_kernel_behind",
       .promise = "the same behind",
       .script = "exec $METERED LD_PRELOAD=$PRELOADED:${VICTIMS}libinterposed_calls.so ${VICTIMS}every_call",
       .bare_deadline = kForALock,
       .on_next = true,
       .check = all_counted},
      {.name = "tcmalloc_ahead",
       .promise = "tcmalloc ahead",
       .script = ahead("libtcmalloc.so.4", victims("every_call")),
       .counted = Counted::kNothing,
       .because = "the first in LD_PRELOAD is the program's malloc; put the meter first",
       .skip = unless_there(library_path("libtcmalloc.so.4"), "libgoogle-perftools4")},
  };
}

}  // namespace

Group preloads_group() {
  Group preloads{"preloads", {}};
  for (auto &part :
       {whole_families(), behind(), parts(), switched_off(), operators(), replaced_calls(), real()}) {
    preloads.rows.insert(preloads.rows.end(), part.begin(), part.end());
  }
  return preloads;
}

}  // namespace heapmeter::testing::matrix
