# SPDX-License-Identifier: MIT
# Commits with fixed dates, a merge, gc, fsck, a clone: all hashes must come out the same.
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z'
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
git init -q -b main one
cd one
for i in $(seq 1 20); do
  seq $i $((i * 200)) > "file $i"; git add -A; git commit -q -m "step $i"
done
git branch side HEAD~5
git checkout -q side && echo side > side.txt && git add -A && git commit -q -m side
git checkout -q main && git merge -q --no-edit side
git gc -q --aggressive
git fsck --full --strict
cd .. && git clone -q --no-local one two
cd two && git log --format=%H%s | sha256sum && git diff --stat HEAD~3 && git fsck --full && git status --short
