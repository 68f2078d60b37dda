# SPDX-License-Identifier: MIT
# The virtual machine, its compiler, threads, native buffers, compression, child processes, an exit code.
cat > Work.java <<'EOF'
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.*;
import java.util.concurrent.*;
import java.util.zip.*;
public class Work {
  public static void main(String[] arguments) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<Future<Long>> sums = new ArrayList<>();
    for (int t = 1; t <= 16; t++) {
      final int seed = t;
      sums.add(pool.submit(() -> {
        long sum = 0;
        for (int i = 0; i < 200; i++) {
          ByteBuffer buffer = ByteBuffer.allocateDirect(4096 + i * seed);
          buffer.putLong(0, i * 31L + seed);
          sum += buffer.getLong(0);
        }
        Deflater deflater = new Deflater();
        deflater.setInput(new byte[100000 * seed]);
        deflater.finish();
        sum += deflater.deflate(new byte[200000]);
        deflater.end();
        return sum;
      }));
    }
    for (Future<Long> sum : sums) System.out.println(sum.get());
    pool.shutdown();
    Map<String, Integer> words = new TreeMap<>();
    for (int i = 0; i < 200000; i++) words.merge("word" + i * 7919 % 1009, 1, Integer::sum);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(words.toString().getBytes());
    System.out.println(HexFormat.of().formatHex(digest));
    for (int i = 0; i < 3; i++) {
      Process child = new ProcessBuilder("/bin/echo", "child " + i).redirectErrorStream(true).start();
      System.out.print(new String(child.getInputStream().readAllBytes()));
      System.out.println(child.waitFor());
    }
    new ProcessBuilder("bash", "-c", "at_rest " + ProcessHandle.current().pid()).inheritIO().start().waitFor();
    System.exit(4);
  }
}
EOF
java -Xmx256m Work.java || echo "exit $?"
