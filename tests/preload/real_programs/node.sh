# SPDX-License-Identifier: MIT
# JSON, crypto, zlib, a child process, a worker thread, an exit code.
node -e '
const { Worker } = require("worker_threads");
const rows = Array.from({ length: 20000 }, (_, i) => ({ id: i, name: "row " + i, tags: [i % 7, i % 11] }));
const text = JSON.stringify(rows);
console.log(require("crypto").createHash("sha256").update(text).digest("hex"));
console.log(require("zlib").gunzipSync(require("zlib").gzipSync(text)).length === text.length);
console.log(require("child_process").execSync("echo from a child").toString().trim());
const source = "require(\"worker_threads\").parentPort.postMessage(Buffer.alloc(1e6, 1).length)";
const worker = new Worker(source, { eval: true });
worker.on("message", (length) => { console.log(length); process.exitCode = 4; });
' || echo "exit $?"
