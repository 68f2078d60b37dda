#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An installed library is found by pkg-config and by CMake, wherever the installation was moved to, links into a C11 and a
# C++20 program, and meters them.
set -euo pipefail
build=$1 source=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
DESTDIR=$place meson install -C "$build" --no-rebuild --quiet
mv "$place$(meson introspect "$build" --buildoptions | /usr/bin/python3 -c '
import json, sys
print(next(option["value"] for option in json.load(sys.stdin) if option["name"] == "prefix"))')" "$place/moved"
pc=$(find "$place" -name heapmeter.pc)
library=$(find "$place" -name 'libheapmeter.so' -not -path '*/preload/*')
[[ -n $pc && -n $library ]] || { echo "no heapmeter.pc or no libheapmeter.so was installed"; exit 1; }
export PKG_CONFIG_PATH=${pc%/*}
read -ra flags <<<"$(pkg-config --cflags --libs heapmeter)"
echo "pkg-config: ${flags[*]}"
gcc -std=c11 -Wall -Wextra -Wpedantic -Werror "$source/programs/linked.c" -o "$place/linked" "${flags[@]}"
g++ -std=c++20 -Wall -Wextra -Wpedantic -Werror "$source/programs/scope.cpp" -o "$place/scope" -Wl,--no-as-needed "${flags[@]}"
export LD_LIBRARY_PATH=${library%/*}
"$place/linked" | tee "$place/out"
grep -q '^allocated 12345 bytes in 1 block$' "$place/out"
"$place/scope" | tee "$place/out"
grep -q '^inner: 77 bytes, net 0$' "$place/out"

command -v cmake >/dev/null || { echo 'skipped: it is as pkg-config says; cmake is not installed, so whether CMake finds it was not seen' && exit 77; }
mkdir "$place/project"
cp "$source/programs/linked.c" "$source/programs/scope.cpp" "$place/project"
version=$(meson introspect "$build" --projectinfo | /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["version"])')
IFS=. read -r major minor _ <<<"$version"
if ((minor > 0)); then lower=$major.$((minor - 1)); else lower=$((major - 1)).9; fi
{
  echo "set(version $version)"
  echo "set(major $major)"
  echo "set(minor $major.$minor)"
  echo "set(lower $lower)"
  echo "set(next $major.$((minor + 1)))"
  echo "set(next_major $((major + 1)))"
  cat <<'END'
cmake_minimum_required(VERSION 3.19)
project(metered C CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(heapmeter ${minor} REQUIRED)
add_executable(linked linked.c)
add_executable(scope scope.cpp)
foreach(program linked scope)
  target_link_libraries(${program} PRIVATE heapmeter::heapmeter)
endforeach()

# What find_package takes for the version that was asked for.
macro(expect found)
  unset(heapmeter_DIR CACHE)
  find_package(heapmeter ${ARGN} QUIET)
  if(heapmeter_FOUND)
    set(got found)
  else()
    set(got missed)
  endif()
  if(NOT got STREQUAL "${found}")
    message(SEND_ERROR "find_package(heapmeter ${ARGN}): ${got}, not ${found}")
  endif()
endmacro()
string(REGEX MATCH "^[0-9]+" lower_major ${lower})
expect(found)
expect(found ${major})
expect(found ${minor})
if(lower_major EQUAL major)
  expect(found ${lower}.9)
else()
  expect(missed ${lower}.9)
endif()
expect(found ${version} EXACT)
expect(missed ${lower}.9 EXACT)
expect(missed ${next})
expect(missed ${next_major})
expect(found ${minor}...${next})
expect(found ${lower}.1...${version})
expect(missed ${lower}.1...<${version})
expect(missed ${lower}.1...${lower}.9)
expect(missed ${next}...${next_major})
expect(found OPTIONAL_COMPONENTS none)
expect(missed COMPONENTS none)
set(CMAKE_SIZEOF_VOID_P 4)
expect(missed ${minor})
END
} >"$place/project/CMakeLists.txt"
cmake -S "$place/project" -B "$place/project/build" -DCMAKE_PREFIX_PATH="$place/moved" >"$place/cmake.log" || { cat "$place/cmake.log"; exit 1; }
cmake --build "$place/project/build" >"$place/cmake.log" || { cat "$place/cmake.log"; exit 1; }
unset LD_LIBRARY_PATH
"$place/project/build/linked" | grep '^allocated 12345 bytes in 1 block$'
"$place/project/build/scope" | grep '^inner: 77 bytes, net 0$'
