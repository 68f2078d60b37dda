# SPDX-License-Identifier: MIT
# An editor driven by keys: insert, macro, search and replace, undo, sort, write.
seq 1 3000 > text
printf 'gg0qaIline \033jq2500@a' > keys
printf ':%%s/line \\([0-9]*\\)7$/seven \\1/\n:undo\n:redo\n:g/9$/d\n:sort! n\nggOtop \026u00e9\033:wq\n' >> keys
TERM=dumb HOME=. vi -u NONE -i NONE -n -N -s keys text > screen 2>&1 < /dev/null
echo "exit $?"
wc -l < text && head -3 text && sha256sum text
