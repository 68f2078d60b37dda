# SPDX-License-Identifier: MIT
# Keys, certificates, ciphers, and a TLS handshake of a server with its client over loopback.
openssl genpkey -quiet -algorithm ed25519 -out key.pem
openssl req -x509 -new -key key.pem -subj /CN=localhost -days 2 -out cert.pem
openssl verify -CAfile cert.pem cert.pem
seq 1 200000 > plain
openssl enc -aes-256-cbc -pbkdf2 -S 0011223344556677 -pass pass:secret -in plain -out cipher
openssl dgst -sha256 cipher
openssl enc -d -aes-256-cbc -pbkdf2 -S 0011223344556677 -pass pass:secret -in cipher | cmp - plain && echo same
: > server.log  # whoever reads it may be faster than the server's side of it
openssl s_server -accept 127.0.0.1:0 -cert cert.pem -key key.pem -naccept 1 -rev > server.log 2>&1 &
server=$!
accepting() { port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' server.log); [[ -n $port ]]; }
until_true accepting
: > client.log
{ echo stressed; until_true grep -q desserts client.log; } |
  openssl s_client -connect "127.0.0.1:$port" -CAfile cert.pem -verify_return_error > client.log 2> client.err
grep -E '^desserts|Verify return code' client.log | head -2 | sort
wait $server && echo "server $?"
