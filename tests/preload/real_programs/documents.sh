# SPDX-License-Identifier: MIT
# From one text to another by a program in Haskell; a graph laid out, drawn by programs in C++ and Rust.
for i in $(seq 1 1000); do echo "# Chapter $i"; echo "*Some* [text](there) $i"; done > text.md
pandoc --to html text.md | md5sum
(echo 'digraph {'; for i in $(seq 1 300); do echo "$i -> $((i * 7 % 300)); $i -> $((i * 13 % 300))"; done; echo '}') > graph.dot
dot -Tsvg graph.dot > graph.svg
md5sum < graph.svg
rsvg-convert --format png graph.svg | md5sum
gnuplot -e 'set terminal svg; set samples 20000; plot sin(x), cos(x)' | md5sum
