# SPDX-License-Identifier: MIT
# A machine of sixteen-bit code translated as it runs, with a disk behind it; its firmware and a boot sector, no guest.
# The sector says "OK" on the serial line, then asks the exit device for code 33.
{
  printf '\xba\xf8\x03\xb0O\xee\xb0K\xee\xb0\n\xee\xb0\x10\xba\x01\x05\xee\xf4'
  head -c 491 /dev/zero
  printf '\x55\xaa'
} > sector
head -c 8M /dev/zero > disk && dd if=sector of=disk conv=notrunc status=none
code=0
qemu-system-x86_64 -accel tcg,thread=multi -smp 2 -m 128 -nodefaults -display none -serial file:serial \
  -device isa-debug-exit,iobase=0x501 -drive file=disk,format=raw,if=ide,snapshot=on -no-reboot || code=$?
cat serial
qemu-system-x86_64 -accel tcg,thread=multi -smp 2 -m 128 -nodefaults -display none -S \
  -drive file=disk,format=raw,if=ide,snapshot=on &
at_rest $!
kill -TERM $!
wait $! || true
echo "ended with $code"
