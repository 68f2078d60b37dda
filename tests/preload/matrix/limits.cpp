// SPDX-License-Identifier: MIT
//
// Limits and directories: what a program may have little of, or none.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "row.h"

namespace heapmeter::testing::matrix {
namespace {

Row limit(const std::string &name, const std::string &option, const char *victim = "witness_c") {
  return {.name = "limit_" + name,
          .promise = "ulimit " + option,
          .script = "ulimit " + option + "; exec $METERED ${VICTIMS}" + victim};
}

// A process whose directories are as the mounts make them. What is to be started stands at /mnt: the build
// may be below a directory that is mounted over.
Row in_mounts(const std::string &name, const char *promise, const std::string &mounts,
              const std::string &as = "") {
  return {.name = name,
          .promise = promise,
          .script =
              "export METERED PRELOADED; mkdir $TMPDIR/kept; cp ${VICTIMS}lives_a_while $PRELOADED "
              "$TMPDIR/kept; exec unshare -m bash --norc -c 'mount --bind $TMPDIR/kept /mnt; " +
              mounts +
              "; exec $METERED ${PRELOADED:+LD_PRELOAD=/mnt/${PRELOADED##*/}} env -u HEAPMETER_DIR -u "
              "HEAPMETER_REPORT " +
              as + " /mnt/lives_a_while'",
          .counted = Counted::kNoMatter,
          .skip = unless_root};
}

// All of / but /tmp, in another place.
constexpr const char *kRootWithoutTmp =
    "root=$TMPDIR/root; mkdir $root; mount -t tmpfs tmpfs $root; cd /; for name in *; do if [ $name = tmp ]; "
    "then :; elif [ -L $name ]; then cp -P $name $root; elif [ -d $name ]; then mkdir $root/$name; mount "
    "--rbind /$name $root/$name; fi; done";

void nothing_served(const Run &run) { EXPECT_TRUE(run.meter->sockets().empty()) << run.meter->sockets()[0]; }

Row tight(Row row) {
  row.on_next = true;
  return row;
}

// As a user of its own, to whom everything that is needed is copied.
Row few_processes(const std::string &way, const std::string &started_by = "") {
  return {.name = "few_processes_" + way,
          .promise = "a user who may have 40 processes (" + way + "): as many children as without the meter",
          .script =
              "chmod 711 $TMPDIR; cp ${VICTIMS}counts_processes $PRELOADED $TMPDIR; "
              "exec setpriv --reuid=$((200000 + $$)) --clear-groups " +
              started_by +
              " $METERED ${PRELOADED:+LD_PRELOAD=$TMPDIR/${PRELOADED##*/}} env -u HEAPMETER_DIR -u "
              "HEAPMETER_REPORT $TMPDIR/counts_processes " +
              way,
          .counted = Counted::kNoMatter,
          .skip = unless_root};
}

std::string unless_groups_of_pids() {
  if (geteuid() != 0) return "needs root";
  return access("/sys/fs/cgroup/pids/cgroup.procs", W_OK) == 0 ? "" : "no control groups of pids here";
}

Row limited_before_first_block(const std::string &way) {
  return {.name = "limit_before_first_block_" + way,
          .promise = "RLIMIT_AS by " + way +
                     " before the first block: 40 MiB, which mimalloc's first segment alone is near",
          .argv = {"@first_block_late", way},
          .counted = Counted::kNoMatter};
}

}  // namespace

std::vector<Row> limit_rows() {
  Row files = limit("file_size", "-f 0");
  files.script = "(" + files.script + ") | cat";
  files.counted = Counted::kNoMatter;
  return {
      tight(limit("address_space_64_mib", "-v 65536")),
      tight(limit("address_space_256_mib", "-v 262144", "lives_a_while")),
      tight(limit("data_64_mib", "-d 65536", "witness_cpp")),
      {.name = "overcommit_2",
       .promise = "vm.overcommit_memory=2, where every reservation counts",
       .script =
           "setting=/proc/sys/vm/overcommit_memory; read -r old < $setting; trap 'echo $old > $setting' "
           "EXIT; "
           "echo 2 > $setting; $METERED ${VICTIMS}lives_a_while; $METERED ${VICTIMS}zeroed_untouched; "
           "$METERED ${VICTIMS}witness_cpp; $METERED ${VICTIMS}growing_block; $METERED ${VICTIMS}too_much",
       .counted = Counted::kNoMatter,
       .skip = unless_machine_is_ours},
      limited_before_first_block("setrlimit"),
      with_every(limited_before_first_block("setrlimit")),
      limited_before_first_block("prlimit"),
      limited_before_first_block("syscall"),
      limit("stack_128_kib", "-s 128", "lives_a_while"),
      limit("locked_memory_0", "-l 0", "lives_a_while"),
      files,
      {.name = "limit_processes",
       .promise = "a user who may have one process, and no thread more",
       .script = "chmod 711 $TMPDIR; cp ${VICTIMS}witness_c $TMPDIR; if [ $PRELOADED ]; then cp $PRELOADED "
                 "$TMPDIR; fi; "
                 "exec setpriv --reuid=$((200000 + $$)) --clear-groups prlimit --nproc=1 "
                 "$METERED ${PRELOADED:+LD_PRELOAD=$TMPDIR/${PRELOADED##*/}} $TMPDIR/witness_c",
       .counted = Counted::kNoMatter,
       .skip = unless_root},
      few_processes("inherited", "prlimit --nproc=40"),
      few_processes("setrlimit"),
      few_processes("prlimit"),
      few_processes("syscall"),
      {.name = "few_processes_raised",
       .promise = "a limit of 40 processes that the program sets and takes back; it is served afterwards",
       .argv = {"@counts_processes", "raised"},
       .counted = Counted::kNoMatter,
       .skip = unless_root,
       .visit = is_served()},
      {.name = "few_processes_group",
       .promise = "a control group of 40 processes: as many children as without the meter",
       .script =
           "group=/sys/fs/cgroup/pids/heapmeter-test-$$; mkdir $group; echo 40 > $group/pids.max; (echo 0 > "
           "$group/cgroup.procs; $METERED ${VICTIMS}counts_processes inherited); rmdir $group",
       .counted = Counted::kNoMatter,
       .skip = unless_groups_of_pids},
      in_mounts("read_only_tmp", "/tmp that cannot be written to", "mount -t tmpfs -o ro tmpfs /tmp"),
      in_mounts("full_tmp", "/tmp that is full",
                "mount -t tmpfs -o size=4k tmpfs /tmp; head -c 4096 /dev/zero > /tmp/full"),
      in_mounts("no_tmp", "/tmp that nobody may enter", "mount -t tmpfs -o mode=0 tmpfs /tmp"),
      in_mounts("missing_tmp", "no /tmp at all, nor a runtime directory", kRootWithoutTmp,
                "-u XDG_RUNTIME_DIR chroot $root"),
      in_mounts("missing_runtime_directory", "XDG_RUNTIME_DIR that is not there, and /tmp that is full",
                "mount -t tmpfs -o size=4k tmpfs /tmp; head -c 4096 /dev/zero > /tmp/full; export "
                "XDG_RUNTIME_DIR=/tmp/nowhere/at/all"),
      in_mounts("full_runtime_directory", "XDG_RUNTIME_DIR that is full",
                "mount -t tmpfs -o mode=0700,nr_inodes=1 tmpfs /tmp; export XDG_RUNTIME_DIR=/tmp"),
      in_mounts("read_only_runtime_directory", "XDG_RUNTIME_DIR that cannot be written to",
                "mount -t tmpfs -o ro,mode=0700 tmpfs /tmp; export XDG_RUNTIME_DIR=/tmp"),
      {.name = "poisoned_environment",
       .promise = "an environment that is nowhere while the meter comes up and makes way",
       .script = "export XDG_RUNTIME_DIR=$TMPDIR; chmod 700 $TMPDIR; exec $METERED env -u HEAPMETER_DIR "
                 "${VICTIMS}poisoned_environment",
       .visit =
           [](Visit &visit) {
             if (!eventually([&] { return visit.process.out().ends_with("ready\n"); }))
               throw std::runtime_error("not ready: " + visit.process.out() + visit.process.err());
             visit.process.signal(SIGTERM);
           }},
      {.name = "missing_socket_directory",
       .promise = "HEAPMETER_DIR below a directory that is not there",
       .script = "exec $METERED HEAPMETER_DIR=$TMPDIR/nowhere/at/all ${VICTIMS}lives_a_while; ls $TMPDIR",
       .check = nothing_served},
      in_mounts("runtime_directory_of_another", "XDG_RUNTIME_DIR that is somebody else's",
                "mount -t tmpfs -o uid=4711,mode=0700 tmpfs /tmp; export XDG_RUNTIME_DIR=/tmp"),
  };
}

}  // namespace heapmeter::testing::matrix
