# SPDX-License-Identifier: MIT
# Stands before every script. A minute is for a server that never comes; a crowded machine may take ten seconds.
until_true() { for i in $(seq 1 1200); do "$@" > /dev/null 2>&1 && return; sleep 0.05; done; echo "never: $*"; return 1; }
# at_rest PID...: nothing is asked of these now, so the meter, where there is one, has to list and to account for them.
at_rest() {
  local pid
  for pid in $([[ -z ${HEAPMETER_TOOL-} ]] || echo "$@"); do
    until_true eval "LD_PRELOAD='' '$HEAPMETER_TOOL' account --json $pid > .account.$pid && LD_PRELOAD='' '$HEAPMETER_TOOL' ps --json > .ps.$pid"
  done
}
# all_at_rest PID: with its children.
all_at_rest() { at_rest "$1" $(cat "/proc/$1/task"/*/children); }
export -f until_true at_rest
