# SPDX-License-Identifier: MIT
# Hashes, regular expressions, a fork, an exit code.
perl -e 'use strict; my %words; for my $i (1..30000) { push @{$words{$i * 7919 % 1009}}, "word $i" }
  my $text = join "\n", map { "$_: @{$words{$_}}" } sort { $a <=> $b } keys %words;
  $text =~ s/(\d+)/<$1>/g; print length $text, "\n", substr($text, 5000, 60), "\n";
  if (fork() == 0) { print "child\n"; exit 3 } wait; print $? >> 8, "\n"; exit 5' || echo "exit $?"
