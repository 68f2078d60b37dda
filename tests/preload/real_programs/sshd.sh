# SPDX-License-Identifier: MIT
# Keys made, a login over loopback with the privileges separated as installed, a command and a copy; then a stop.
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
((EUID)) || mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f mine
cat > sshd.conf <<EOF
ListenAddress 127.0.0.1:$port
HostKey $PWD/host
PidFile $PWD/sshd.pid
AuthorizedKeysFile $PWD/mine.pub
StrictModes no
UsePAM no
Subsystem sftp internal-sftp
EOF
/usr/sbin/sshd -D -e -f "$PWD/sshd.conf" 2> log &
server=$!
options=(-F /dev/null -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -i "$PWD/mine")
until_true ssh "${options[@]}" -p "$port" "$(id -un)@127.0.0.1" true
ssh "${options[@]}" -p "$port" "$(id -un)@127.0.0.1" 'seq 1 200000' | sha256sum
seq 1 300000 > sent
scp -q "${options[@]}" -P "$port" sent "$(id -un)@127.0.0.1:$PWD/got" && cmp sent got && echo 'copied'
all_at_rest $server
kill -TERM $server
code=0; wait $server || code=$?
echo "server $code"
