#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An installed tool finds its library, and bash, zsh and man know its verbs and options, all that --help lists.
set -euo pipefail
build=$1 source=$2
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
fail() { echo "$*"; exit 1; }

DESTDIR=$place meson install -C "$build" --no-rebuild --quiet
one() { # one NAME: the one installed file of this name
  local found
  found=$(find "$place" -name "$1" -type f -not -path '*/preload/*')
  [[ -n $found && $found != *$'\n'* ]] || fail "installed as $1: '$found'"
  echo "$found"
}
tool=$(find "$place" -path '*/bin/heapmeter')
[[ -x $tool ]] || fail 'no tool was installed'
page=$(one heapmeter.1) bash_file=$(one heapmeter.bash) zsh_file=$(one _heapmeter)
export HEAPMETER_DIR=$place/sockets TMPDIR=$place
unset HEAPMETER_LIBRARY
mkdir -m 700 "$HEAPMETER_DIR"

echo '--- run finds the library of its own installation'
"$tool" run --json --output "$place/out" -- /bin/true
grep -q '"source":"report"' "$place/out" || fail "$(cat "$place/out")"
"$tool" doctor --json /bin/true >"$place/out"
grep -qF "\"library\":\"$(one libheapmeter.so)\"" "$place/out" || fail "$(cat "$place/out")"

mapfile -t verbs < <("$tool" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p')
((${#verbs[@]} >= 4)) || fail "verbs: ${verbs[*]}"
options_of() { "$tool" "$1" --help | sed -n '/^Options:/,/^$/p' | grep -oE '(^|[ ,])--[a-z][a-z-]+' | tr -d ' ,' | sort -u; }

echo '--- man'
[[ $(MANWIDTH=80 LC_ALL=C.UTF-8 man --warnings -l "$page" 2>&1 >"$place/man") == '' ]] || fail 'man complains'
text=$(col -b <"$place/man")
for verb in "${verbs[@]}"; do
  [[ $text == *"heapmeter $verb "* ]] || fail "heapmeter(1) has no $verb"
done
for name in $(grep -oE '"HEAPMETER_[A-Z]+"' "$source/shim/base/options.def" | tr -d '"'); do
  grep -q "^\.B $name$" "$page" || fail "heapmeter(1) has no $name"
done

[[ $text == *'a pid, a name, or the path of a socket'* ]] || fail 'heapmeter(1) does not say what a TARGET is'
mapfile -t documented < <(grep -oE '^\.B share/doc/[^ ]*' "$page" | sed 's/\\//g; s/^\.B //')
((${#documented[@]} >= 2)) || fail 'heapmeter(1) refers to no text'
for text_file in "${documented[@]}"; do
  [[ -n $(find "$place" -path "*/$text_file") ]] || fail "heapmeter(1) refers to $text_file, which is not installed"
done
grep -q '(see tools/FORMATS.md)' <<<"$("$tool" stat --help | tr -s ' \n' ' ')" || fail 'help does not say where --json is described'

echo '--- links of the installed texts'
texts=$(find "$place" -path '*/share/doc/heapmeter' -type d)
for text_file in README.md tools/VERBS.md tools/FORMATS.md; do
  while read -r link; do
    [[ -e $texts/$(dirname "$text_file")/$link ]] || fail "$text_file refers to $link, which is not installed"
  done < <(grep -oE '\]\([^)#:]+\)' "$texts/$text_file" | sed 's/^](//; s/)$//')
done

echo '--- keys, columns and recipes'
plain=$(sed 's/\\-/-/g; s/\\f[BIR]//g; s/\\&//g' "$page")
for column in $("$tool" top --sort none 2>&1 | sed 's/.*there are //; s/,//g'); do
  grep -qE "^\.B [A-Z/]+ \($column\)$" <<<"$plain" || fail "heapmeter(1) has no column $column"
done
grep -qE '^\.B Up Down PgUp PgDn End$' <<<"$plain" || fail 'heapmeter(1) does not say what the arrows do'
mapfile -t recipes < <(sed -n '/^\.SH RECIPES/,/^\.SH ENV/s/^heapmeter //p' <<<"$plain")
((${#recipes[@]} >= 15)) || fail "recipes: ${recipes[*]}"
for recipe in "${recipes[@]}"; do
  verb=${recipe%% *}
  [[ " ${verbs[*]} " == *" $verb "* ]] || fail "heapmeter(1) uses a verb that is not there: $recipe"
  for option in $(grep -oE -- ' --[a-z][a-z-]*' <<<"${recipe%% -- *}"); do
    options_of "$verb" | grep -xF -e "$option" >/dev/null || fail "heapmeter(1) uses $option, which is not there: $recipe"
  done
done

plain_page=$(sed 's/\\-/-/g; s/\\f[BIR]//g' "$page")

echo '--- bash'
complete_in_bash() { # complete_in_bash WORD...: what is offered for the last one
  bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _heapmeter 2>/dev/null
    printf "%s\n" "${COMPREPLY[@]}"' - "$bash_file" "$tool" "$@"
}
offers() { # offers WANTED WORD...
  local wanted=$1
  shift
  # Not into grep -q, which would break the pipe.
  grep -qxF -e "$wanted" <<<"$(complete_in_bash "$@")" || fail "bash offers no $wanted for: $*"
}
for verb in "${verbs[@]}"; do
  offers "$verb" ''
  offers "$verb" help "${verb:0:1}"
  for option in $(options_of "$verb"); do
    offers "$option" "$verb" --
    grep -qE -e "'$option=?-?\\[" "$zsh_file" || fail "zsh knows no $option"
    grep -qE -e "(^|[ ,])$option( |,|\[|$)" <<<"$plain_page" || fail "heapmeter(1) has no $option"
  done
done
[[ $(complete_in_bash st) == stat ]] || fail "st: $(complete_in_bash st)"
offers next run --backend n
offers --backend run --quiet --b
mkdir "$place/folder"
touch "$place/folder/file"
offers "$place/folder" run --dir "$place/fold"
[[ -z $(complete_in_bash run --dir "$place/folder/") ]] || fail 'a file is no directory'
offers "$place/folder/file" run --output "$place/folder/f"
offers true run --quiet tru
offers true run -- tru
offers "$place/folder/file" run --backend next -- cat "$place/folder/"
offers true during sleep --per 2 -- tru
offers "$place/folder/file" during sleep -- cat "$place/folder/"
offers "$place/folder/file" report "$place/folder/f"
offers test doctor tes
for word in if _heapmeter; do
  ! grep -qxF -e "$word" <<<"$(complete_in_bash doctor "${word:0:4}")" || fail "bash offers $word, which is no program"
done
LD_PRELOAD=$(one libheapmeter.so) sleep 60 &
sleeper=$!
trap 'kill $sleeper; rm -rf "$place"' EXIT
for ((tries = 0; tries < 100; ++tries)); do
  [[ -z $(ls "$HEAPMETER_DIR") ]] || break
  sleep 0.1
done
offers "$sleeper" stat ''
offers sleep stat sl
offers "$sleeper" doctor "$sleeper"
export XDG_STATE_HOME=$place/state
"$tool" mark first_of_all "$sleeper"
offers first_of_all diff fi
offers first_of_all diff first_of_all ''
offers "$sleeper" diff first_of_all ''
offers first_of_all mark --remove f
offers first_of_all sizes sleep --since ''
offers next run --backend = n
offers mimalloc run --backend =
offers usable top --sort us
# A value that may lack is one only behind the sign.
offers every run --sites =
offers 512K run --sites = 5
offers callees sites sleep --tree = c
[[ -z $(complete_in_bash leaks sleep --growth =) ]] || fail "any time: $(complete_in_bash leaks sleep --growth =)"
offers true run --sites tru
offers true run --sites = every tru
offers true run --output = file --quiet tru
offers off sites sleep --sample o
grep -qF -- "'--sites=-[" "$zsh_file" || fail 'zsh does not know how --sites has its value'
grep -qF -- '--sites[=HOW]' <<<"$text" || fail 'heapmeter(1) does not say how --sites has its value'
offers "$sleeper" ps --below ''
! grep -qxF sleep <<<"$(complete_in_bash ps --below sl)" || fail 'bash offers a name where a pid is wanted'
"$tool" during "$sleeper" --save first_load -- true >"$place/out" 2>&1 || fail "$(cat "$place/out")"
"$tool" during "$sleeper" --save 'load of two words' -- true >"$place/out" 2>&1 || fail "$(cat "$place/out")"
for option in --save --against; do
  offers first_load during sleep $option fi
  offers 'load\ of\ two\ words' during sleep $option ''
  offers "$place/folder/file" during sleep $option "$place/folder/f"
done
touch "$place/folder/in two words"
offers "$place/folder/in two words" run --output "$place/folder/in"

# Whoever names a process or a mark must not have it run by whoever presses a tab.
cp "$(command -v sleep)" "$place/\$(>ran)"
LD_PRELOAD=$(one libheapmeter.so) "$place/\$(>ran)" 60 &
named=$!
trap 'kill $sleeper $named; rm -rf "$place"' EXIT
"$tool" mark '$(>ran)' "$sleeper"
"$tool" mark 'in two words' "$sleeper"
for ((tries = 0; tries < 100; ++tries)); do
  [[ -z $("$tool" ps --json | grep -F '(>ran)') ]] || break
  sleep 0.1
done
cd "$place"
offers '\$\(\>ran\)' stat ''
offers "$sleeper" stat ''
offers '\$\(\>ran\)' diff ''
offers 'in\ two\ words' diff in
[[ ! -e ran ]] || fail 'bash ran the name of a process or a mark'
offers "$place/folder/file" diff "$place/folder/"

echo '--- zsh'
zsh -n "$zsh_file"
# Completion wants an interactive shell: one in a terminal of its own.
cat >"$place/in_zsh" <<'ZSH'
zmodload zsh/zpty
zpty shell zsh -f -i
feed() { zpty -w shell "$1"; }
feed "PROMPT=REA''DY; unsetopt zle_bracketed_paste; fpath=($2 \$fpath); path=($3 \$path); autoload -U compinit; compinit -u -d $TMPDIR/dump"
feed "LISTMAX=1000; setopt no_always_last_prompt"
feed "echo BE''GIN"
# Before its prompt the terminal would edit the line itself, and take the last key for an order to forget it.
zpty -r -m shell line '*BEGIN*READY*'
zpty -w -n shell "heapmeter $1"$'\t'
zpty -w -n shell $'\C-u'
feed "echo E''ND"
zpty -r -m shell line '*END*'
print -r -- "$line"
zpty -d shell
ZSH
in_zsh() { TERM=dumb timeout 30 zsh -f "$place/in_zsh" "$1" "${zsh_file%/*}" "${tool%/*}"; }
# What a tab makes of it. Just one: a second one would list what may follow, a thousand programs for instance.
completes_in_zsh() { # completes_in_zsh WORDS WANTED
  local made
  made=$(in_zsh "$1" | tr -d '\a')  # which stands between the word and what is added to it
  [[ $made == *"$2"* ]] || fail "zsh makes no $2 of $1: $made"
}
completes_in_zsh doc doctor
completes_in_zsh 'help doc' 'help doctor'
completes_in_zsh '--ver' --version
completes_in_zsh 'diff f' first_of_all
completes_in_zsh 'sizes --since f' first_of_all
completes_in_zsh 'during sleep --save fi' first_load
completes_in_zsh 'during sleep --against=fi' --against=first_load
completes_in_zsh 'during sleep --against lo' 'load\ of\ two\ words'
completes_in_zsh 'top --sort us' usable
completes_in_zsh "ps --below ${sleeper:0:-1}" "$sleeper"
completes_in_zsh 'run --ba' --backend
completes_in_zsh 'run --backend n' next
completes_in_zsh 'run --backend=n' --backend=next
completes_in_zsh 'run --sites=ev' --sites=every
completes_in_zsh 'run --sites mkfif' '--sites mkfifo'
completes_in_zsh 'sites sleep --tree=callee' --tree=callees
completes_in_zsh 'stat sl' 'stat sleep'
completes_in_zsh 'diff in\ t' 'in\ two\ words'
completes_in_zsh "report $place/folder/fi" "$place/folder/file"
completes_in_zsh 'during sleep -- mkfif' 'sleep -- mkfifo'
completes_in_zsh 'run -- mkfif' 'run -- mkfifo'
[[ ! -e ran ]] || fail 'zsh ran the name of a process or a mark'
echo 'all well'
