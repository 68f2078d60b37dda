# SPDX-License-Identifier: MIT
# Mail over IMAP: a login, three hundred messages put in, searched, fetched and thrown away; all of its processes, unchrooted.
port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
me=$(id -un)
cat > dovecot.conf <<EOF
protocols = imap
import_environment = TZ LD_PRELOAD HEAPMETER_DIR HEAPMETER_REPORT HEAPMETER_BACKEND
listen = 127.0.0.1
default_vsz_limit = 0
base_dir = $PWD/run
state_dir = $PWD/state
log_path = $PWD/log
ssl = no
disable_plaintext_auth = no
default_login_user = $me
default_internal_user = $me
default_internal_group = $(id -gn)
first_valid_uid = 0
mail_location = maildir:$PWD/mail
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=$(id -u) gid=$(id -g) home=$PWD/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = $port
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
EOF
mkdir -p home run state
dovecot -F -c "$PWD/dovecot.conf" &
server=$!
until_true curl -sf -o first "imap://me:secret@127.0.0.1:$port/"
cat > drive.py <<'EOF'
import imaplib, sys
mail = imaplib.IMAP4("127.0.0.1", int(sys.argv[1]))
print(mail.login("me", "secret")[0], mail.select()[0])
for n in range(300):
    mail.append("INBOX", None, None, f"Subject: message {n}\r\n\r\n{'body ' * (n % 40)}\r\n".encode())
print(len(mail.search(None, "SUBJECT", '"message 1"')[1][0].split()))
print(sum(len(part[1]) for part in mail.fetch("1:300", "(BODY[TEXT])")[1] if isinstance(part, tuple)))
mail.store("1:150", "+FLAGS", r"\Deleted"); print(len(mail.expunge()[1]), mail.logout()[0])
EOF
/usr/bin/python3 drive.py "$port"
all_at_rest $server
kill -TERM $server
code=0; wait $server || code=$?
echo "server $code"
