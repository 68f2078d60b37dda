# SPDX-License-Identifier: MIT
# The compiler and the program on Mono: compiled as it runs, a collector that stops the threads by signals.
cat > work.cs <<'EOF'
using System; using System.Collections.Generic; using System.Threading.Tasks;
class Work {
  static void Main() {
    var kept = new Dictionary<int, string>();
    for (int i = 0; i < 300000; i++) kept[i] = i.ToString();
    Parallel.For(0, 1000, i => { new byte[10000].GetHashCode(); });
    GC.Collect();
    Console.WriteLine(kept.Count);
  }
}
EOF
mcs -out:work.exe work.cs
mono work.exe
