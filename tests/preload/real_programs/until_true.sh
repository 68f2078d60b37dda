# SPDX-License-Identifier: MIT
# Stands before every script. A minute is for a server that never comes; a crowded machine may take ten seconds.
until_true() { for i in $(seq 1 1200); do "$@" > /dev/null 2>&1 && return; sleep 0.05; done; echo "never: $*"; return 1; }
