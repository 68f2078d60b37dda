# SPDX-License-Identifier: MIT
# In the machine of arm64_machine.sh: what nobody has tried on arm64, which code allocates and what is lost, is refused with the
# reason by whatever asks for it, and the rest of the verbs reads a process there. arm64_refused.sh BUILD
set -uo pipefail
build=$(realpath "$1") tool=$(realpath "$1")/tools/heapmeter
HEAPMETER_DIR=$(mktemp -d)
export HEAPMETER_DIR
holder=(perl -e '$| = 1; @kept = map { "x" x 1000 } 1 .. 1000; sleep 1 while 1')
LD_PRELOAD=$build/shim/libheapmeter.so "${holder[@]}" &
pid=$!
for ((i = 0; i < 300; ++i)); do
  [[ -S $(echo "$HEAPMETER_DIR/$pid"-*) ]] && break
  sleep 0.2
done

faults=0
# says CODE TEXT COMMAND...: it ends with that code, and says that.
says() {
  local code=$1 text=$2 said ended=0
  shift 2
  said=$("$@" 2>&1) || ended=$?
  said=$(tr -s ' \n' ' ' <<<"$said")
  [[ $ended == "$code" && $said == *"$text"* ]] || { echo "$*: code $ended, says: $said" && faults=$((faults + 1)); }
}
no_stacks='call stacks have not been tried on this kind of processor, only on x86-64'
no_looks='looks have not been tried on this kind of processor, only on x86-64'
ends=(perl -e '@kept = map { "x" x 1000 } 1 .. 1000')

says 0 perl "$tool" ps
says 0 'counted: ' "$tool" account "$pid"
says 0 '% unexplained' "$tool" account "$pid"
says 0 ' allocations' "$tool" stat "$pid"
says 0 ' total ' "$tool" sizes "$pid"
says 0 '(total)' "$tool" threads "$pid"
says 0 'live ' "$tool" top --once "$pid"
says 0 before: "$tool" mark before "$pid"
says 0 'before → now' "$tool" diff before
says 0 'allocations 0' "$tool" during "$pid" -- true
says 0 'heapmeter: perl' "$tool" run -- "${ends[@]}"
says 0 recorded "$tool" record -i 1 --for 2s -o "$HEAPMETER_DIR/heapmeter.hm" "$pid"
says 0 '1 process' "$tool" report "$HEAPMETER_DIR/heapmeter.hm"
says 0 metered "$tool" doctor "$pid"

says 1 "cannot do that: $no_stacks" "$tool" sites "$pid" --sample every
says 1 "cannot do that: $no_stacks" "$tool" sites "$pid" --sample 512K
says 1 "does not note which code allocates: $no_stacks; none here" "$tool" sites "$pid"
says 1 "does not note which code allocates: $no_stacks; none here" "$tool" during --sites "$pid" -- true
says 0 "Which code: not noted; $no_stacks" env COLUMNS=300 "$tool" diff before
says 0 "sites: none; $no_stacks" "$tool" run --sites -- "${ends[@]}"
says 1 "cannot do that: $no_looks" "$tool" leaks "$pid"
says 1 "cannot do that: $no_looks" "$tool" leaks --registers "$pid"
says 1 "cannot do that: $no_looks" "$tool" holders --class 1000 "$pid"
says 0 "): $no_looks" env COLUMNS=300 "$tool" run --leaks -- "${ends[@]}"
says 3 "$no_looks" env COLUMNS=300 "$tool" run --fail-if 'lost>0' -- "${ends[@]}"
says 0 "not known: $no_looks" env HEAPMETER_LEAKS=exit HEAPMETER_REPORT=stderr LD_PRELOAD="$build/shim/libheapmeter.so" "${ends[@]}"
# Asked for from the start by the environment: it says so as long as it lives.
HEAPMETER_SAMPLE=every LD_PRELOAD=$build/shim/libheapmeter.so "${holder[@]}" &
every=$!
for ((i = 0; i < 300; ++i)); do
  [[ -S $(echo "$HEAPMETER_DIR/$every"-*) ]] && break
  sleep 0.2
done
says 0 "$no_stacks" "$tool" doctor "$every"
says 0 "$no_stacks" "$tool" stat --json "$every"
kill "$pid" "$every"
((faults == 0)) && echo 'refused as it should be'
