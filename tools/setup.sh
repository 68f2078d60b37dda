# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# What tools/quickstart and tools/check have in common: the packages, and the build in build/. Sourced by both,
# from the top of the source tree.

# The packages by the names of Debian 12, 13 and Ubuntu 24.04: of names with | between, the first that the system has.

# To build the library and the tool.
tool_packages=(g++ 'libboost1.81-dev|libboost-dev' libcli11-dev libdw-dev libelf-dev libfmt-dev libiberty-dev libmimalloc-dev libncurses-dev
  libprotozero-dev meson ninja-build pkg-config python3 zlib1g-dev)
# To build the demo programs and the tests, too.
build_packages=("${tool_packages[@]}" build-essential libbenchmark-dev libgtest-dev libspdlog-dev)
# What quickstart drives the demo server with.
show_packages=(curl wrk)
# What the tests check with, and the programs they meter. redis-tools has the server's program without its service.
test_packages=(bsdextrautils chromium 'clang-format-14|clang-format' clang-tidy cmake curl eatmydata faketime fakeroot gdb git heaptrack
  libc-devtools libcap2-bin libgoogle-perftools-dev libjemalloc-dev lintian m4 man-db mawk musl-tools nodejs openssl patchelf perl procps
  redis-tools sqlite3 strace tmux torsocks util-linux valgrind vim-tiny xz-utils zsh)
[[ $(uname -m) != x86_64 ]] || test_packages+=(libc6-i386)
# The large programs of tools/prove.
large_packages=(apt-utils 'clang-14|clang' dovecot-core dovecot-imapd dpkg-dev ffmpeg haproxy imagemagick libopenmpi-dev
  'libpython3.11-testsuite|libpython3.13-testsuite|libpython3.12-testsuite' libreoffice-writer-nogui mariadb-client-core mariadb-server-core memcached nginx-light
  'openjdk-17-jdk-headless|default-jdk-headless' openmpi-bin openssh-client openssh-server 'php8.2-fpm|php-fpm' 'postgresql-15|postgresql' python3-numpy
  qemu-system-x86 r-base-core rsync)
# Their languages and what is written in them.
language_packages=(apache2-bin bind9 bind9-dnsutils blender curl emacs-nox erlang-base ghc gnuplot-nox graphviz guile-3.0
  inkscape librsvg2-bin lua5.4 mono-mcs mono-runtime ocaml-nox octave pandoc ruby sbcl swi-prolog-nox tcl unbound varnish)
# What tests/bench/install.sh adds: the peers and programs of the comparison that the tests do not need.
bench_packages=(g++ git heaptrack libc-devtools 'libgoogle-perftools4|libgoogle-perftools4t64' libjemalloc2 nodejs perl redis-tools sqlite3 strace
  valgrind)

say() { printf '\n=== %s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

installed_something=''
is_root() { ((EUID == 0)); }
is_installed() { [[ $(dpkg-query -W -f='${Status}' "$1" 2>/dev/null) == 'install ok installed' ]]; }
# offered_packages PACKAGE...: those of them that the system has, by any of their names: not one that another package only stands
# in for, nor one that is only spoken of. All are asked for at once: in containers apt reads all its lists for each answer.
offered_packages() {
  local names
  IFS='|' read -ra names <<<"$(IFS='|' && echo "$*")"
  sed -n '/^[^ ]/ { s/:$//; h }; /^  Candidate: [0-9]/ { g; p }' < <(LC_ALL=C apt-cache policy "${names[@]}" 2>/dev/null)
}
is_among() { [[ $'\n'$2$'\n' == *$'\n'$1$'\n'* ]]; }

# missing_packages PACKAGE...: one line each: its name here, or, where the system has none, all names that were tried.
missing_packages() {
  local package name names on_offer=''
  for package in "$@"; do
    IFS='|' read -ra names <<<"$package"
    for name in "${names[@]}"; do
      ! is_installed "$name" || continue 2
      [[ $on_offer ]] || on_offer=$'\n'$(offered_packages "$@")
      ! is_among "$name" "$on_offer" || { echo "$name" && continue 2; }
    done
    echo "$package"
  done
}

by_hand() { # by_hand WHY OFFERED PACKAGE...
  die "$1. Install by hand what these Debian packages hold (mimalloc 2.0.9 or later in 2.0, or 3.0, for which CMake is
needed where it is as its own installation puts it; Meson 1.0, g++ 12, Boost 1.81)${2:+, by 'apt-get install $2' the others}, then run
'meson setup build; meson configure build -Dauto_features=enabled && ninja -C build && meson test -C build':
  ${*:3}"
}

os_release=/etc/os-release
system_name() { (. "$os_release" && echo "${PRETTY_NAME:-this system}") 2>/dev/null || echo 'this system'; }

# update_lists [SUDO]: with apt's reason in update_failed where it could not, also where it could not reach a source, which apt by
# itself takes for done.
update_failed=''
update_lists() {
  local said code=0
  said=$(mktemp)
  update_failed=''
  (set -o pipefail && "$@" apt-get update -q -o APT::Update::Error-Mode=any 2>&1 >&3 | tee "$said" >&2) 3>&1 || code=$?
  # With 1 sudo itself ends, apt-get with 100. Asked again it would only ask for the password again.
  if [[ $# != 0 && $code == 1 ]]; then
    rm -f "$said"
    die 'sudo refused to run apt-get'
  fi
  if ((code != 0)); then
    update_failed=$(sed -n '/^E: /{ s///p; q }' "$said")
    : "${update_failed:=exit code $code}"
  fi
  rm -f "$said"
}

# install_packages PACKAGE... [-- PACKAGE...]: those that are missing; touches nothing when none is. What follows -- can be done
# without, and is where nobody offers it.
install_packages() {
  local missing wanted=() needed=() optional='' package on_offer unknown=() without=() found=() as_root=()
  for package in "$@"; do
    if [[ $package == -- ]]; then
      optional=1
    elif [[ " ${wanted[*]} " != *" $package "* ]]; then
      wanted+=("$package")
      [[ $optional ]] || needed+=("$package")
    fi
  done
  command -v apt-get >/dev/null || by_hand 'this system has no apt-get, and only Debian and its kin are known here' '' "${needed[@]}"
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  if ((${#missing[@]} == 0)); then
    echo "all ${#wanted[@]} packages are installed"
    return
  fi
  if ! is_root; then
    if ! command -v sudo >/dev/null; then
      [[ -n $(offered_packages "${missing[@]}") || -n $(missing_packages "${needed[@]}") ]] ||
        { echo "without ${missing[*]}, which only some tests want" && return; }
      die "root is needed, and there is no sudo, to install: ${missing[*]}"
    fi
    as_root=(sudo)
  fi
  update_lists "${as_root[@]}"
  [[ ! $update_failed ]] || echo 'apt-get update failed; what apt knew before has to do'
  mapfile -t missing < <(missing_packages "${wanted[@]}")
  on_offer=$(offered_packages "${missing[@]}")
  for package in "${missing[@]}"; do
    if is_among "$package" "$on_offer"; then found+=("$package")
    elif is_among "$package" "$(printf '%s\n' "${needed[@]}")"; then unknown+=("$package")
    else without+=("$package"); fi
  done
  if ((${#unknown[@]} > 0)); then
    [[ ! $update_failed ]] ||
      die "apt-get update failed, so it is not known what $(system_name) offers of ${unknown[*]}: $update_failed"
    by_hand "$(system_name) offers no package called ${unknown[*]}" "${found[*]}" "${unknown[@]}"
  fi
  if ((${#without[@]} > 0)); then
    local what="what some tests want, which are skipped: without ${without[*]}"
    if [[ $update_failed ]]; then
      echo "apt-get update failed, so it is not known what $(system_name) offers of $what"
    else
      echo "$(system_name) offers no package for $what"
    fi
  fi
  ((${#found[@]} > 0)) || return 0
  echo "installing: ${found[*]}"
  installed_something=1
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${found[@]}"
}

# fetch_promtool DIRECTORY: the one program of Debian 12's prometheus package that a test wants, without the package, which
# would start a service; of Debian 13's promtool. Without it that test is skipped.
fetch_promtool() {
  local directory=$1 download package=prometheus
  if command -v promtool >/dev/null || [[ -x $directory/promtool ]]; then
    echo 'it is there'
    return
  fi
  [[ -z $(offered_packages promtool) ]] || package=promtool
  download=$(mktemp -d)
  if (cd "$download" && apt-get download -q -o APT::Sandbox::User=root "$package" 2>&1) &&
    dpkg-deb --fsys-tarfile "$download/$package"_*.deb | tar -xO ./usr/bin/promtool >"$download/promtool"; then
    chmod +x "$download/promtool"
    mv "$download/promtool" "$directory/promtool"
  else
    echo 'promtool could not be fetched; its test will be skipped'
  fi
  rm -rf "$download"
}

# set_up DIRECTORY [MESON OPTION...]: to install where the dynamic linker looks. On Debian that is what the compiler calls the
# kind of machine; Meson asks dpkg-architecture, and takes lib64 where that is not installed, as g++ does not need it.
set_up() {
  local kind
  # shellcheck disable=SC2086  # CXX may be a command and its arguments
  kind=$(${CXX:-c++} -print-multiarch 2>/dev/null) || kind=''
  meson setup "$1" ${kind:+"-Dlibdir=lib/$kind"} "${@:2}"
}

# configure DIRECTORY [MESON OPTION...]: unless it is. build: the same, and builds everything in it.
configure() {
  local directory=$1
  shift
  if [[ ! -f $directory/build.ninja ]]; then
    set_up "$directory" "$@"
  elif is_tool_alone "$directory"; then
    meson setup --reconfigure "$directory" -Dauto_features=enabled
  elif [[ -n $installed_something ]]; then
    meson setup --reconfigure "$directory" "$@"  # what was looked for in vain may be there now
  fi
}
build() {
  configure "$@"
  ninja -C "$1" -j2
}

# build_tool DIRECTORY: the library and the tool, with what only they need. What it makes is gone on with by build.
is_tool_alone() {
  /usr/bin/python3 -c '
import json, sys
sys.exit(not any(each["name"] == "auto_features" and each["value"] == "disabled" for each in json.load(sys.stdin)))' \
    <"$1/meson-info/intro-buildoptions.json"
}
build_tool() {
  [[ -f $1/build.ninja ]] || set_up "$1" -Dauto_features=disabled
  if is_tool_alone "$1"; then
    ninja -C "$1" -j2  # with the little that only the installation needs
  else
    ninja -C "$1" -j2 shim/libheapmeter.so shim/preload_folder.made tools/heapmeter
  fi
}

# build_programs DIRECTORY: the library, the tool and the demo, without the tests.
build_programs() {
  local targets
  configure "$1"
  mapfile -t targets < <(meson introspect "$1" --targets | /usr/bin/python3 -c '
import json, os, sys
build = os.path.realpath(sys.argv[1])
for target in json.load(sys.stdin):
    for name in (os.path.relpath(name, build) for name in target["filename"]):
        if target["build_by_default"] and not name.startswith("tests/"):
            print(name)' "$1")
  ninja -C "$1" -j2 "${targets[@]}"
}
