# SPDX-License-Identifier: MIT
# A terminal server driven by keys: windows, panes, capture, a client that comes and goes.
export LC_ALL=C.UTF-8 TERM=xterm SHELL=/bin/sh ENV= PS1='$ '
t() { tmux -S "$PWD/socket" -f /dev/null "$@"; }
shown() { t capture-pane -p -t "$1"; }
does_show() { shown "$1" | grep -q "$2"; }
until_shown() { until_true does_show "$@"; }
t new-session -d -s one -x 80 -y 24 'exec sh'
until_shown one '[$]'
t send-keys -t one 'seq 1 500 | tail -3; echo done-$((6*7))' Enter
until_shown one done-42
shown one | grep -v 'seq 1' | grep -E '^(498|499|500|done-42)$'
t split-window -t one -h 'exec sh'
until_shown one.1 '[$]'
t send-keys -t one.1 'printf "%s\n" right-$((1+1))' Enter
until_shown one.1 right-2
t new-window -t one 'exec sh'
t list-windows -t one -F '#{window_index} #{window_panes}'
for i in $(seq 1 40); do t new-window -d -t one 'sleep 100'; done
t list-windows -t one | wc -l
t kill-server
gone() { ! t ls; }
until_true gone && echo 'server gone'
