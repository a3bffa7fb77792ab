#!/usr/bin/perl
# compdb.pl DIRECTORY COMPILER [FLAGS FILE... [-- FLAGS FILE...]...]
# Prints compile_commands.json: for each FILE the command that compiles it, which
# is what editors ask for. Files that are no C or assembler are passed over.
use strict;
use warnings;
use JSON::PP;

my ($dir, $cc, @rest) = @ARGV;
my (@entries, $flags);
for my $arg (@rest) {
	if ($arg eq '--') {
		undef $flags;
	} elsif (!defined $flags) {
		$flags = $arg;
	} elsif ($arg =~ /\.[cS]$/) {
		my $command = "$cc $flags -c $arg";
		push @entries, { directory => $dir, file => $arg,
				 command => $command =~ s/ +/ /gr };
	}
}
print JSON::PP->new->pretty->canonical->encode(\@entries);
