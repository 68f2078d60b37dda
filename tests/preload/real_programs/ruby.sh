# SPDX-License-Identifier: MIT
# Strings by the hundred thousand, threads, a compaction of its heap, a child.
cat > work.rb <<'EOF'
kept = {}
200_000.times { |i| kept[i] = "x" * (i % 100) }
puts kept.size
puts (1..8).map { |k| Thread.new { (1..20_000).map { |j| "#{k}#{j}" }.size } }.sum(&:value)
GC.start
GC.compact
fork { puts 1 }
Process.wait
puts `echo sub`
EOF
ruby work.rb
