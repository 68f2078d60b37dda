// SPDX-License-Identifier: MIT
//
// The quality of memory: what is given, refused and given back must be as with glibc, also where bare
// mimalloc is not.
#include <gtest/gtest.h>

#include "row.h"

namespace heapmeter::testing::matrix {

namespace {

// Of the 8 MiB that is what a fresh mapping of the program's lacks.
std::string unless_root_and_little_else_is_mapped() {
  const std::string reason = unless_root();
  if (!reason.empty() || is_on_mimalloc()) return reason;
  return "mimalloc 3, kept off but loaded, maps 2 MiB for itself, which are locked, too";
}

// As a user whose limit is not root's.
Row limited(const std::string &name, const std::string &promise, const std::string &arguments) {
  return {.name = name,
          .promise = promise,
          .script =
              "chmod 711 $TMPDIR; cp ${VICTIMS}locked_memory $TMPDIR; if [ $PRELOADED ]; then cp "
              "$PRELOADED $TMPDIR; fi; ulimit -l 8192; exec setpriv --reuid=$((200000 + $$)) --clear-groups "
              "$METERED ${PRELOADED:+LD_PRELOAD=$TMPDIR/${PRELOADED##*/}} $TMPDIR/locked_memory " +
              arguments,
          .counted = Counted::kNoMatter,
          .skip = unless_root_and_little_else_is_mapped};
}

void the_meter_stays_small(const Run &run) {
  EXPECT_LE((*run.report)["meter_ledger_bytes"], 10 << 20);
  EXPECT_LE((*run.report)["meter_slot_bytes"], 512 << 10);
}

void refused(const Run &run) { EXPECT_GE((*run.report)["failures"], 1); }

}  // namespace

Group memory_group() {
  const Row limit_later_small{.name = "limit_later_small",
                              .promise = "and 150 MB in blocks of 1000 bytes",
                              .argv = {"@limit_later", "256", "150", "1000"},
                              .check = refused};
  return {
      "memory",
      {
          {.name = "large_zeroed",
           .promise = "calloc of 8 GB, and of 20 times 8 MB, stays unresident",
           .argv = {"@zeroed_untouched"}},
          {.name = "too_much",
           .promise = "a request for 1 TiB is refused with ENOMEM, whoever makes it",
           .argv = {"@too_much"}},
          {.name = "growing",
           .promise = "a block that grows from 1 to 48 MB by realloc is not copied each time",
           .argv = {"@growing_block"}},
          {.name = "advised",
           .promise = "a large block in part locked, advised or protected is resized and released",
           .argv = {"@advised_block"}},
          {.name = "aligned_in_turns",
           .promise = "aligned blocks made and released again and again take no more addresses",
           .argv = {"@aligned_in_turns"}},
          {.name = "given_back_small",
           .promise =
               "300 MB in small blocks, released, are given back within seconds, in an idle program too",
           .argv = {"@given_back", "10000"}},
          {.name = "given_back_large",
           .promise = "the same in large blocks",
           .argv = {"@given_back", "1000000"}},
          {.name = "given_back_of_ended_threads",
           .promise = "the same made by threads that have ended",
           .argv = {"@given_back", "200000", "4"}},
          {.name = "given_back_elsewhere",
           .promise = "the same released by a thread that makes no block",
           .argv = {"@given_back", "10000", "4", "ended", "elsewhere"}},
          {.name = "given_back_of_idle_threads",
           .promise = "the same in blocks of 200,000 bytes of threads that live on and do nothing",
           .argv = {"@given_back", "200000", "4", "idle"}},
          {.name = "ledger_given_back",
           .promise = "512 MB in small blocks that come and go leave at most a third of their ledger behind",
           .argv = {"@waves", "512", "1"},
           .check =
               [](const Run &run) {
                 // Which site a block is of stays noted until call stacks are switched off: 4 bytes in 16.
                 const int tables = sample_of_all().empty() ? 0 : 512 / 4 + 16;
                 EXPECT_LE((*run.report)["meter_bytes"], (10 + tables) << 20);
               }},
          {.name = "month",
           .promise = "fourteen days of waves, threads, aligned, huge and growing blocks: neither ledger nor "
                      "slots grow",
           .argv = {"@month", "14"},
           .check = the_meter_stays_small},
          {.name = "trimmed",
           .promise = "malloc_trim gives back what a thread that ended left free between blocks in use",
           .argv = {"@trimmed"},
           .skip =
               [] { return sample_of_all() == "every" ? "where its sites were noted stays resident" : ""; }},
          {.name = "late_blocks",
           .promise = "4,000 threads that allocate in late key destructors leave nothing behind",
           .argv = {"@late_blocks"}},
          {.name = "statistics",
           .promise = "mallinfo2 and malloc_info tell what is true, malloc_trim and mallopt are heard",
           .argv = {"@statistics"}},
          {.name = "statistics_off",
           .promise = "the same with HEAPMETER_OFF",
           .argv = {"@statistics"},
           .environment = {{"HEAPMETER_OFF", "1"}},
           .counted = Counted::kNothing,
           .because = "HEAPMETER_OFF"},
          {.name = "locked",
           .promise =
               "mlockall of current and future memory makes resident what the program has, and no ledger",
           .script = "ulimit -l unlimited; exec $METERED ${VICTIMS}locked_memory 40 current future",
           .skip = unless_root},
          {.name = "locked_current",
           .promise = "the same of current memory alone, and no free memory of mimalloc's",
           .script = "ulimit -l unlimited; exec $METERED ${VICTIMS}locked_memory 12 current",
           .skip = unless_root},
          {.name = "locked_on_fault",
           .promise = "mlockall with MCL_ONFAULT makes nothing resident",
           .script = "ulimit -l unlimited; exec $METERED ${VICTIMS}locked_memory 40 current future fault",
           .skip = unless_root},
          limited("locked_under_limit", "mlockall for a user who may lock 8 MiB", "9 current future"),
          {.name = "errno_of_free",
           .promise = "free leaves errno alone with all memory locked",
           .script = "ulimit -l unlimited; exec $METERED ${VICTIMS}errno_of_free",
           .skip = unless_root},
          {.name = "reused_address",
           .promise = "a block of libc's own malloc at a former address of the meter's is released",
           .argv = {"@reused_address"},
           .counted = Counted::kFaults},
          {.name = "limit_64",
           .promise = "a program under `ulimit -v` of 64 MiB",
           .script = "ulimit -v 65536; exec $METERED ${VICTIMS}witness_c",
           .counted = Counted::kNoMatter},
          {.name = "limit_32",
           .promise = "under 32 MiB",
           .script = "ulimit -v 32768; exec $METERED ${VICTIMS}witness_c",
           .counted = Counted::kNoMatter},
          {.name = "limit_later_large",
           .promise = "256 MB of addresses allowed by the program itself hold 160 MB in blocks of a MB",
           .argv = {"@limit_later", "256", "160", "1048576"},
           .check = refused},
          limit_later_small,
          with_every(limit_later_small),
          {.name = "limit_data",
           .promise = "under `ulimit -d` of 16 MiB",
           .script = "ulimit -d 16384; exec $METERED ${VICTIMS}witness_cpp",
           .counted = Counted::kNoMatter},
      }};
}

}  // namespace heapmeter::testing::matrix
