# SPDX-License-Identifier: MIT
# Hundreds of forks and pipelines, subshells, xargs, a trap.
total=0
for i in $(seq 1 300); do n=$(echo $((i * i))); total=$((total + $(expr $n % 97 || true))); done
echo $total
for i in $(seq 1 20); do (exit $i) || echo "subshell $?"; done
seq 1 2000 | xargs -n 50 -P 4 sh -c 'echo $#' sh | sort | uniq -c
trap 'echo trapped' TERM; kill -TERM $$; echo end
