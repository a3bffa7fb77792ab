#!/usr/bin/perl
# Turns `nm -n KERNEL` into the table that symbol() searches (kern/printk.c):
# ksyms[], addresses in growing order, ksym_names[], their names, ksym_count.
use strict;
use warnings;

my (@syms, %seen);
while (<>) {
	next unless /^([0-9a-f]{8}) [tT] (\w+)$/;
	push @syms, [$1, $2] unless $seen{$1}++;
}
print ".section .ksyms, \"a\"\n.globl ksyms, ksym_names, ksym_count\n";
print ".balign 4\nksym_count: .long ", scalar(@syms), "\n";
print "ksyms:\n", map { "\t.long 0x$_->[0]\n" } @syms;
print "ksym_names:\n", map { "\t.asciz \"$_->[1]\"\n" } @syms;
