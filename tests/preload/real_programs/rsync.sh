# SPDX-License-Identifier: MIT
# A tree copied, changed, copied again by its differences, and a dry run that finds nothing more.
mkdir -p from/{a,b}/c && for n in $(seq 1 300); do seq "$n" $((n * 5)) > "from/a/c/$n"; done
cp -r from/a from/b/d && ln -s a/c from/link && seq 1 200000 > from/large
rsync -a --checksum from/ to/
diff -r from to && echo 'equal'
seq 1 100000 > from/large && echo more >> from/large && rm -r from/b/d/c && echo new > from/b/new
# Whether a folder's time has changed is a matter of the clock.
rsync -a --delete --no-whole-file --checksum --itemize-changes from/ to/ | grep -v '^\.d' | LC_ALL=C sort | sed 's/^[^ ]* *//' |
  sha256sum
diff -r from to && echo 'equal'
rsync -an --delete --checksum --itemize-changes from/ to/ | wc -l
