// SPDX-License-Identifier: MIT
//
// Descriptors and the kernel: what a program asks of them, and what they refuse it, is as without the meter.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "row.h"

namespace heapmeter::testing::matrix {
namespace {

std::vector<Row> descriptors() {
  return {
      {.name = "closes_everything",
       .promise = "closefrom(0), again and again; the next descriptors are 0, 1, 2, 3 each time",
       .script = "$METERED ${VICTIMS}closes_everything; cat $TMPDIR/said"},
      {.name = "pipes_end",
       .promise = "a pipe ends when its last writer goes, at any moment of a process's life",
       .argv = {"@pipe_ends"}},
      {.name = "no_descriptor_to_spare",
       .promise = "ulimit -n 4",
       .script = "ulimit -n 4; exec $METERED ${VICTIMS}witness_c"},
  };
}

Row rights(const std::string &name, const char *way, const char *what) {
  return {.name = "rights_" + name,
          .promise = std::string(what) + ": every thread may do what the main thread may, no more",
          .argv = {"@gives_up_capabilities", way}};
}

Row needs_root(Row row) {
  row.skip = unless_root;
  return row;
}

Row unreported(Row row) {
  row.counted = Counted::kNoMatter;
  return row;
}

// Says "ready", and is served then as ever.
std::function<void(Visit &)> is_served(std::int64_t least_live_bytes = 1) {
  return [=](Visit &visit) {
    if (!eventually([&] { return visit.process.out().ends_with("ready\n"); }))
      throw std::runtime_error("not ready: " + visit.process.out() + visit.process.err());
    if (visit.meter != nullptr) {
      EXPECT_GE(visit.snapshot()["live_bytes"], least_live_bytes);
    }
    visit.process.signal(SIGTERM);
  };
}

Row drops_user(const std::string &way, const char *what) {
  return {.name = "drops_user_" + way,
          .promise = std::string("root becomes another user by ") + what + ": no thread stays root",
          .argv = {"@drops_user", way},
          .counted = Counted::kNoMatter,
          .skip = unless_root};
}

// It may not choose its groups, and has one to lose; the socket's directory is its own.
Row drops_group(const std::string &way, const char *what) {
  return {.name = "drops_" + way,
          .promise = std::string("a user gives up his other group by ") + what + ": no thread keeps it",
          .script =
              "chmod 711 $TMPDIR; mkdir $TMPDIR/served; chown 4711 $TMPDIR/served; exec $METERED "
              "HEAPMETER_DIR=$TMPDIR/served ${VICTIMS}drops_user " +
              way,
          .counted = Counted::kNoMatter,
          .skip = unless_root};
}

Row held_up(const std::string &call) {
  return {.name = "held_up_" + call,
          .promise = call + " while every other thread is held up for half a second",
          .argv = {"@held_up_thread", call},
          .counted = Counted::kNoMatter,
          .skip = unless_root};
}

std::vector<Row> users() {
  return {
      drops_user("libc", "setgroups, setresgid, setresuid"),
      drops_user("simple", "initgroups, setgid, setuid"),
      drops_user("real", "setgroups, setregid, setreuid"),
      drops_user("bare", "the bare system calls"),
      drops_user("bare_simple", "the bare setgid and setuid"),
      drops_user("bare_real", "the bare setregid and setreuid"),
      drops_user("main_gone", "the bare system calls of a second thread, the main one gone"),
      drops_user("namespace", "the bare system calls, in a user namespace"),
      drops_group("group", "setresgid"),
      drops_group("group_real", "setregid"),
      drops_group("group_bare", "the bare setresgid"),
      drops_group("group_bare_real", "the bare setregid"),
      {.name = "switches_user",
       .promise = "root takes its client's ids and its own again, a thousand times: the same threads, served",
       .argv = {"@switches_user", "1000"},
       .skip = unless_root,
       .visit = is_served()},
      {.name = "switches_among_threads",
       .promise = "four threads do so 10,000 times at once, then root goes for good: no thread stays root",
       .argv = {"@switches_among_threads", "2500"},
       .counted = Counted::kNoMatter,
       .skip = unless_root},
      held_up("unshare"),
      held_up("setns"),
      held_up("setuid"),
      {.name = "realtime_alone",
       .promise = "unshare of a real-time program that has one processor; it is served afterwards",
       .argv = {"@realtime_alone"},
       .skip = unless_root,
       .visit = is_served()},
  };
}

Row started_in_sandbox(const std::string &name, const char *does) {
  return {.name = "started_in_sandbox_" + name,
          .promise =
              std::string("a seccomp filter from before the start that ") + does + " at calls of the service",
          .script =
              "exec ${VICTIMS}killing_sandbox " + name + " ${METERED:-/usr/bin/env} ${VICTIMS}lives_a_while"};
}

// Mimalloc 3 asks for sysinfo as it is loaded, which libc does not: SYSTEM_CALLS.md says so, and its test
// holds that this is all.
bool mimalloc_asks_more() { return mimalloc_version() >= 300; }

Row without_call(const std::string &how, const std::string &does) {
  return {.name = "without_call_" + how,
          .promise = "a seccomp filter from before the start that " + does +
                     " for one system call of the meter, each in turn",
          // Its children run side by side, and what ld.so says of some comes in any order.
          .script = "${VICTIMS}without_call " + how +
                    " ${METERED:-/usr/bin/env} ${PRELOADED:+HEAPMETER_REPORT=$TMPDIR/r.%p} "
                    "${VICTIMS}lives_a_while 2> $TMPDIR/errors" +
                    (mimalloc_asks_more() ? " | grep -v ^sysinfo" : "") +
                    "; code=${PIPESTATUS[0]}; LC_ALL=C sort $TMPDIR/errors >&2; exit $code",
          .counted = Counted::kNoMatter};
}

// It ends before its service has looked what the sandbox lets it do. madvise is among what the start needs.
Row without_call_at_once() {
  return {.name = "without_call_at_once",
          .promise =
              "a program that ends at once, and reports, in a seccomp filter from before its start that "
              "kills for one system call of the report, each in turn",
          .script =
              "${VICTIMS}without_call kill ${METERED:-/usr/bin/env} "
              "${PRELOADED:+HEAPMETER_REPORT=$TMPDIR/r.%p} true | grep -v ^madvise" +
              std::string(mimalloc_asks_more() ? " | grep -v ^sysinfo" : ""),
          .counted = Counted::kNoMatter};
}

Row bare_sandbox(const std::string &way, const std::string &what) {
  return {.name = "seccomp_bare_" + way,
          .promise =
              "a seccomp filter set by the bare instruction, which kills for all that it does not "
              "allow; the program " +
              what,
          .script = "exec $METERED env -u HEAPMETER_REPORT ${VICTIMS}bare_sandbox " + way,
          .counted = Counted::kNoMatter};
}

std::vector<Row> sandboxes() {
  const Row before_first_block{
      .name = "seccomp_before_first_block",
      .promise = "a seccomp filter from before the first block, which kills for all but memory and output",
      .argv = {"@seccomp_strict", "first"},
      .counted = Counted::kNoMatter};
  return {
      {.name = "seccomp_strict",
       .promise = "seccomp, strict",
       .argv = {"@seccomp_strict"},
       .counted = Counted::kNoMatter},
      before_first_block,
      with_every(before_first_block),
      {.name = "seccomp_filter",
       .promise = "a seccomp filter for all threads that kills at calls of the service",
       .argv = {"@seccomp_filter"}},
      {.name = "sandboxed_child_by_prctl",
       .promise = "a child that shuts itself in by prctl, where a report would kill it, and ends by exit",
       .argv = {"@sandboxed_child", "prctl"}},
      {.name = "sandboxed_child_by_syscall",
       .promise = "the same by syscall(SYS_seccomp)",
       .argv = {"@sandboxed_child", "syscall"}},
      {.name = "seccomp_probes",
       .promise =
           "asks for seccomp filters that are refused, as libseccomp and systemd do; served afterwards",
       .argv = {"@probes_sandbox"},
       .visit = is_served()},
      bare_sandbox("exit", "ends"),
      bare_sandbox("wake", "lives on"),
      bare_sandbox("fork", "forks"),
      {.name = "core_of_sandbox",
       .promise = "a seccomp filter from before the start that kills at calls of the service: no core file",
       .script = "cd $TMPDIR; ulimit -c unlimited; ${VICTIMS}killing_sandbox kill ${METERED:-/usr/bin/env} "
                 "${VICTIMS}lives_a_while; ls",
       .counted = Counted::kNoMatter,
       .skip =
           [] {
             std::string pattern;
             std::getline(std::ifstream("/proc/sys/kernel/core_pattern"), pattern);
             return pattern.find_first_of("/|") == std::string::npos ? ""
                                                                     : "cores are not left where it runs";
           }},
      without_call("kill", "kills"),
      with_every(without_call("kill", "kills")),
      without_call_at_once(),
      without_call("trap", "signals"),
      without_call("errno", "refuses"),
      {.name = "seccomp_wave",
       .promise = "a seccomp filter that kills for all but the calls of a simple heap; 100 MB come and go",
       .argv = {"@sandboxed_wave", "few"},
       .counted = Counted::kUnreported},
      {.name = "seccomp_wave_moving",
       .promise = "the same that has mremap, too",
       .argv = {"@sandboxed_wave", "move"},
       .counted = Counted::kUnreported},
      {.name = "heap_without_call",
       .promise = "a seccomp filter that refuses one system call of the heap, each in turn: blocks of all "
                  "sizes are made, resized, released",
       .argv = {"@heap_without_call"},
       .deadline = std::chrono::seconds{120}},
      started_in_sandbox("kill", "kills the process"),
      started_in_sandbox("thread", "kills the thread"),
      started_in_sandbox("errno", "refuses"),
      rights("capset", "capset", "capset"),
      rights("capset_bare", "syscall", "the bare capset system call"),
      rights("bounding_set", "bounding", "prctl(PR_CAPBSET_DROP)"),
      rights("ambient", "ambient", "prctl(PR_CAP_AMBIENT)"),
      needs_root(rights("securebits", "securebits", "prctl(PR_SET_SECUREBITS), then another user")),
      unreported(needs_root(rights("kept", "keepcaps", "prctl(PR_SET_KEEPCAPS), then another user"))),
      rights("no_new_privs", "no_new_privs", "prctl(PR_SET_NO_NEW_PRIVS)"),
      {.name = "not_dumpable",
       .promise = "prctl(PR_SET_DUMPABLE, 0), which holds in a child, too; it is still read",
       .argv = {"@not_dumpable"},
       .visit = is_served(54321)},
      {.name = "landlock",
       .promise = "landlock: the meter, too, makes no more files, and does not say that it cannot",
       .argv = {"@restricts_itself"},
       .counted = Counted::kUnreported,
       .skip =
           [] {
             std::string modules;
             std::getline(std::ifstream("/sys/kernel/security/lsm"), modules);
             return modules.empty() || modules.find("landlock") != std::string::npos ? ""
                                                                                     : "no landlock here";
           },
       .check =
           [](const Run &run) { EXPECT_TRUE(run.meter->sockets().empty()) << "served by a freer thread"; }},
  };
}

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

std::vector<Row> limits() {
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

}  // namespace

Group kernel_group() {
  Group kernel{"kernel", {}};
  for (auto &part : {descriptors(), namespace_rows(), users(), sandboxes(), limits()}) {
    kernel.rows.insert(kernel.rows.end(), part.begin(), part.end());
  }
  return kernel;
}

}  // namespace heapmeter::testing::matrix
