#!/bin/sh
# SPDX-License-Identifier: MIT
# The folder by which `heapmeter run` names the library: in LD_PRELOAD it is FOLDER/$LIB/libheapmeter.so, and what glibc puts for
# $LIB tells its kinds apart. One of 64 bits finds the library by a link, one of 32 bits an empty library, with no word on stderr;
# musl knows no $LIB, finds nothing, and goes on.
#   preload_folder.sh FOLDER TRIPLE COMPILER...     FOLDER is below the one the library is in: its heapmeter/preload
set -eu
name=libheapmeter.so
if [ -n "${MESON_INSTALL_DESTDIR_PREFIX-}" ]; then folder=$MESON_INSTALL_DESTDIR_PREFIX/$1; else folder=$1; fi
triple=$2
shift 2
link() { mkdir -p "$folder/$1" && ln -sf "$2/$name" "$folder/$1/$name"; }
# The first for who puts nothing in the place of $LIB: a shell that was given the name as a text.
link . ../..
link lib ../../..
link lib64 ../../..
[ -z "$triple" ] || link "lib/$triple" ../../../..
case $triple in
  x86_64-*) ;;
  *) exit 0 ;;
esac
mkdir -p "$folder/lib32"
"$@" -m32 -nostdlib -shared -s -Wl,-soname,"$name" -Wl,-z,noexecstack -Wl,--build-id=none -x c /dev/null -o "$folder/lib32/$name" ||
  { echo "preload_folder.sh: programs of 32 bits will say that they cannot be metered: no empty library for them"; exit 0; }
chmod 644 "$folder/lib32/$name"
link lib/i386-linux-gnu ../../lib32
