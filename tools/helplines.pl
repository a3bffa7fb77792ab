#!/usr/bin/perl
# helplines.pl FILE...: the table of user/help.c, from the first lines of programs:
#	// NAME [ARGUMENT...]: what it does.
# A program whose first line is another one is listed by its name alone.
#
# helplines.pl -m FILE...: the table of user/man.c, from their whole first comments.
use strict;
use warnings;

my $whole = @ARGV && $ARGV[0] eq '-m' && shift;

sub escaped {
	my ($s) = @_;
	$s =~ s/([\\"])/\\$1/g;
	$s =~ s/\t/\\t/g;
	return $s;
}

for my $path (sort @ARGV) {
	open my $in, '<', $path or die "$path: $!\n";
	my ($name) = $path =~ m,([^/]+)\.c$,;
	my @lines;
	while (<$in>) {
		last unless m,^//( (.*)|(\t.*)|)$,;
		push @lines, $2 // $3 // '';
	}
	if ($whole) {
		printf qq(\t{ "%s",\n%s },\n), $name,
			join "\n", map { qq(\t  "@{[escaped($_)]}\\n") } @lines ? @lines : ($name);
		next;
	}
	my ($left, $text) = ($lines[0] // '') =~ m,^(\Q$name\E(?: [^:]*)?): (.*?)\.?$,;
	printf qq(\t{ "%s", "%s" },\n), map { escaped($_) } $left // $name, $text // '';
}
