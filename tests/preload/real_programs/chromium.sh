# SPDX-License-Identifier: MIT
# A page laid out and its script run, headless; the browser brings an allocator of its own and is left to it.
cat > page.html <<'EOF'
<body><p id=sum></p><script>
const all = []; for (let n = 0; n < 20000; n++) all.push({name: "n" + n, square: n * n});
all.sort((a, b) => b.name < a.name ? 1 : -1);
document.getElementById("sum").textContent = all.length + " " + JSON.stringify(all).length;
</script></body>
EOF
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
  --disable-component-update --disable-sync --disable-dev-shm-usage "--user-data-dir=$PWD/profile" \
  --dump-dom "file://$PWD/page.html" 2> log | grep -o '<p id="sum">[^<]*'
