# SPDX-License-Identifier: MIT
# What arm64.sh does in the system that it made: /opt/heapmeter is the source, /opt/here what the programs said on this machine.
set -euo pipefail
cd /opt/heapmeter
. tools/setup.sh

dpkg --add-architecture arm64
apt-get update -q
packages=(cmake)
for package in "${build_packages[@]}"; do
  package=${package%%|*}
  # What runs while building is this machine's; the rest is linked.
  case $package in
    build-essential) packages+=(crossbuild-essential-arm64) ;;
    lib*-dev | zlib1g-dev) packages+=("$package:arm64") ;;
    *) packages+=("$package") ;;
  esac
done
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${packages[@]}" cpio qemu-system-arm qemu-user-static

cat >/opt/arm64.ini <<'INI'
[binaries]
c = '/usr/bin/aarch64-linux-gnu-gcc'
cpp = '/usr/bin/aarch64-linux-gnu-g++'
ar = '/usr/bin/aarch64-linux-gnu-ar'
strip = '/usr/bin/aarch64-linux-gnu-strip'
objcopy = '/usr/bin/aarch64-linux-gnu-objcopy'
cmake = '/usr/bin/cmake'
pkgconfig = '/usr/bin/pkg-config'
exe_wrapper = '/usr/bin/qemu-aarch64-static'
[properties]
pkg_config_libdir = '/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig'
[cmake]
CMAKE_C_COMPILER = '/usr/bin/aarch64-linux-gnu-gcc'
CMAKE_CXX_COMPILER = '/usr/bin/aarch64-linux-gnu-g++'
CMAKE_SYSTEM_NAME = 'Linux'
CMAKE_SYSTEM_PROCESSOR = 'aarch64'
[host_machine]
system = 'linux'
cpu_family = 'aarch64'
cpu = 'arm64'
endian = 'little'
INI
meson setup build-arm64 --cross-file /opt/arm64.ini
# Cases left out. On arm64 call stacks and looks are refused, which is held below.
left_out=('Attribution.*' 'Looks.*' 'Meanwhile.*')
# qemu-user has no mincore,
left_out+=(AddressSpace.ListsNothingThatIsGoneWhenItHasBeenRead LedgerGivesBack.NoBlockThatIsBornMeanwhile
  MovingPagesTest.GiveBackTheirMemoryButForWhatIsThere)
# no page with the kernel's clocks,
left_out+=(Sites.SamplesTellHowLongBlocksLived Total.TellsWhenItWasHighest)
# no limits of addresses, and no seccomp.
left_out+=('Reallocation.*BlockStaysWhatItWasWithoutMemoryForANewEntry'
  WithoutMemoryForAnEntry.{ABlockIsGivenAndTakenBackUncounted,AMovedBlockLeavesTheBooks})
left_out+=(SeccompFilter.AnswersAsTheKernelDoes SeccompFilter.DivisionByNothingKills)
GTEST_FILTER=-$(IFS=: && echo "${left_out[*]}")
export GTEST_FILTER
# All tests of modules, all that strangers may send, and of the tool what starts no programs, which here only qemu-user can.
starting_none=(tools_flame tools_screens tools_verdicts tools_verdicts_simulated unit)
mapfile -t binaries < <(meson introspect build-arm64 --tests | /usr/bin/python3 -c '
import json, os, sys
for test in json.load(sys.stdin):
    suites = {suite.split(":")[-1] for suite in test["suite"]}
    if suites & {"unit", "fuzz"} or suites & {"tools", "demo"} and test["name"] in sys.argv[1:]:
        print(os.path.relpath(test["cmd"][0], os.path.realpath("build-arm64")))' "${starting_none[@]}")
# What starts programs, on the machine below, with the programs that are metered.
starting=(tests/preload/{contract,known_answers,options,report,service,strangers,unwritten_report}_test)
mapfile -t metered < <(meson introspect build-arm64 --targets | /usr/bin/python3 -c '
import json, os, sys
for target in json.load(sys.stdin):
    name = os.path.relpath(target["filename"][0], os.path.realpath("build-arm64"))
    if os.path.dirname(name) == "tests/preload" and not name.endswith("_test"):
        print(name)')
build_programs build-arm64
programs=(/opt/here/*)
ninja -C build-arm64 -j2 "${binaries[@]}" "${metered[@]}" "${starting[@]}"

faults=0
fault() {
  echo "$*"
  faults=$((faults + 1))
}
library=$PWD/build-arm64/shim/libheapmeter.so
emulated() { qemu-aarch64-static -L / -E LD_PRELOAD="$library" "$@"; }

for program in "${programs[@]}"; do
  name=${program##*/}
  emulated "build-arm64/tests/preload/$name" >/tmp/there 2>&1 || true
  diff "$program" /tmp/there && echo "$name: the same $(wc -l <"$program") lines" || fault "$name says something else"
done
# Pages of 64 KiB, which no kernel of Debian's has. Here the kernel's answers about pages are still of such of 4 KiB, so nothing that
# reads the books can be run.
for program in contract alignment realloc_contents; do
  QEMU_PAGESIZE=65536 emulated "build-arm64/tests/preload/$program" >/tmp/there 2>&1 || true
  diff "/opt/here/$program" /tmp/there && echo "$program: the same on pages of 64 KiB" || fault "$program says something else on those"
done
# qemu-user shares a thread's descriptors with the program always, so nobody is served there; the report is written.
report=$(emulated -E HEAPMETER_REPORT=stderr build-arm64/tests/preload/known_c 2>&1 >/dev/null)
grep -q '^heapmeter: allocated     23020080 bytes in 12 allocations' <<<"$report" || fault "the report says: $report"
# What has not been tried there is refused, and the program runs on.
refused=$(emulated -E HEAPMETER_LEAKS=exit -E HEAPMETER_REPORT=stderr build-arm64/tests/preload/known_c 2>&1 >/dev/null)
grep -q '^heapmeter: lost          not known: looks have not been tried' <<<"$refused" || fault "a look at exit: $refused"

run_tests() { meson test -C build-arm64 --no-rebuild --print-errorlogs --timeout-multiplier 10 "$@" || fault 'tests of modules failed'; }
run_tests --suite unit --suite fuzz
run_tests --suite tools --suite demo "${starting_none[@]}"
qemu-aarch64-static -L / build-arm64/tools/heapmeter --version || fault 'the tool does not run'

# Of the modules' tests those of tables whose pages the kernel is asked of.
units=(tests/unit/{ledger,ledger_walk,moved_entries,moving_pages,peak,reallocation,slots,snapshot,written_pages}_test)
bash /opt/arm64_machine.sh "$PWD" "$PWD/build-arm64" "${starting[@]}" "${units[@]}" || fault 'on a kernel of its own'
((faults == 0)) && echo 'all well'
