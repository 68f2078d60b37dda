# SPDX-License-Identifier: MIT
# A dictionary of two hundred thousand.
cat > work.tcl <<'EOF'
for {set i 0} {$i < 200000} {incr i} { dict set kept $i [string repeat x 20] }
puts [dict size $kept]
EOF
tclsh work.tcl
lua5.4 -e 'kept = {} for i = 1, 300000 do kept[i] = ("x"):rep(i % 50) end collectgarbage() print(#kept)'
