#!/bin/bash
# columns.sh: lines of code and of documents have at most 120 columns, a tab four
# of them. A row of a markdown table is one line by its syntax and may be longer;
# so may lines of tests, which hold documents and messages as they are.
set -euo pipefail

git ls-files '*.go' '*.md' '*.sh' '*.c' '*.h' '*.m' '*.comp' '*.glsl' '*.metal' Makefile |
	grep -vE '^shaders/(msl|kernels\.go|calls\.go)|_test\.go$|^CHANGELOG\.md$|^checkpoint/testdata/' |
	xargs perl -CSD -ne '
		chomp; my $n = length(s/\t/    /gr);
		if ($n > 120 && !($ARGV =~ /\.md$/ && /^\|/)) { print "$ARGV:$.: $n columns, want at most 120\n"; $bad = 1 }
		close ARGV if eof;
		END { $? = $bad ? 1 : 0 }'
