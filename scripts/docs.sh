#!/bin/bash
# docs.sh: documents and comments name no file that is not there. It checks
#   - relative links of documents, from the document's folder;
#   - paths in `backticks` of documents, and words of // comments in Go, that end like a source file
#     or begin with a top-level folder.
# A path starts at the root or at the folder of the file that names it, and may hold globs; words in
# capitals, such as NAME, stand for anything. A name without a folder may be of any file in the tree.
# CHANGELOG.md is checked for links only: it names what there was.
set -euo pipefail

tree=$(mktemp)
trap 'rm -f "$tree"' EXIT
git ls-files -co --exclude-standard >"$tree"
grep -E '\.(md|go)$' "$tree" | grep -vE '^shaders/(kernels|calls)\.go$' | xargs perl -e '
	use File::Basename;
	my $source = qr/\.(?:go|md|c|m|comp|glsl|metal|sh|svg|yml)$/;
	open(my $tree, "<", shift) or die; chomp(my @tree = <$tree>);
	my (%there, %top, %base);
	for (@tree) {
		$base{basename($_)} = $there{$_} = 1;
		for (my $d = dirname($_); $d ne "."; $d = dirname($d)) { $there{$d} = 1 }
		$top{$1} = 1 if m{^([^/]+)/};
	}
	sub clean { my @p; for (split m{/}, shift) { $_ eq ".." ? pop @p : $_ ne "." && push @p, $_ } join "/", @p }
	sub among { my $re = quotemeta(shift) =~ s{\\\*|[A-Z]{2,}}{[^/]*}gr; grep { /^$re$/ } @_ }
	sub there {
		my ($path, $dir) = @_;
		return among($path, keys %base) unless $path =~ m{/};
		among(clean($path), keys %there) || among(clean("$dir/$path"), keys %there)
	}
	while (<>) {
		my ($line, $dir, @named) = ("$ARGV:$.", dirname($ARGV));
		if ($ARGV =~ /\.md$/) {
			for (/\]\(([^)#\s]+)/g) {
				next if /^\w+:/ || $there{clean("$dir/$_")};
				print "$line: the link $_ leads nowhere\n"; $bad = 1;
			}
			@named = /`([^`\s]+)`/g if $ARGV ne "CHANGELOG.md";
		} elsif (m{(?:^|\s)//\s(.*)}) {
			@named = map { s/^[("\[]+|\x27s\b.*|[.,;:)"\]]+$//gr } split " ", $1;
		}
		for (map { s{^\./|/$}{}gr } @named) {
			next if m{^[~/.\$-]|^[a-z]+\.com/|[=<>{}|()%:\\]};
			next unless /$source/ || m{^([^/]+)/} && $top{$1};
			print("$line: there is no $_\n"), $bad = 1 unless there($_, $dir);
		}
	} continue { close ARGV if eof }
	exit($bad ? 1 : 0)' "$tree"
