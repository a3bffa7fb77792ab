#!/usr/bin/perl
# Prints vectors.S: an entry for each of the 256 vectors, and the table vectors[] of
# their addresses, which x86/irq.c puts into the IDT.
#
# The CPU does not tell a handler which vector it took, and it pushes an error code
# for some exceptions only (SDM vol. 3, table 6-1). So an entry pushes the number, and
# before it a 0 if there is no error code.
use strict;
use warnings;

my %has_error = map { $_ => 1 } (8, 10 .. 14, 17, 21, 29, 30);

print "// Made by x86/vectors.pl.\n\t.text\n";
for my $n (0 .. 255) {
	print "vector$n:\n";
	print "\tpushl\t\$0\n" unless $has_error{$n};
	print "\tpushl\t\$$n\n\tjmp\talltraps\n";
}
print "\n\t.section .rodata\n\t.balign 4\n\t.globl vectors\nvectors:\n";
print "\t.long\tvector$_\n" for 0 .. 255;
