#!/usr/bin/perl
# helplines.pl FILE...: the table of user/help.c, from the first lines of programs:
#	// NAME [ARGUMENT...]: what it does.
# A program whose first line is another one is listed by its name alone.
use strict;
use warnings;

for my $path (sort @ARGV) {
	open my $in, '<', $path or die "$path: $!\n";
	my ($name) = $path =~ m,([^/]+)\.c$,;
	my ($left, $text) = (<$in> // '') =~ m,^// (\Q$name\E(?: [^:]*)?): (.*?)\.?$,;
	s/([\\"])/\\$1/g for grep { defined } $left, $text;
	printf qq(\t{ "%s", "%s" },\n), $left // $name, $text // '';
}
