# SPDX-License-Identifier: MIT
# Compressors, with several threads where they have them, through a tar and back; all files must come out the same.
mkdir tree && for i in $(seq 1 60); do seq "$i" $((i * 997)) > "tree/$i"; done
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf plain.tar tree
xz -T2 --block-size=262144 -k -6 plain.tar && sha256sum plain.tar.xz && xz -t plain.tar.xz
gzip -n -9 -c plain.tar > plain.tar.gz && sha256sum plain.tar.gz && gzip -t plain.tar.gz
mkdir out && xz -dc plain.tar.xz | tar -xf - -C out && diff -r tree out/tree && echo same
xz -dc <<<'not compressed' || echo "exit $?"
