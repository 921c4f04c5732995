#!/bin/bash
# columns.sh: lines of code and of documents have at most 120 columns, a tab four
# of them. Lines that are one string without a space to break at, such as the
# documents that tests read, may be longer in tests.
set -euo pipefail

git ls-files '*.go' '*.md' '*.sh' '*.c' '*.h' '*.m' '*.comp' '*.glsl' '*.metal' Makefile |
	grep -vE '^shaders/(msl|kernels\.go|calls\.go)|_test\.go$|^CHANGELOG\.md$|^checkpoint/testdata/' |
	xargs perl -CSD -ne '
		chomp; my $n = length(s/\t/    /gr);
		if ($n > 120) { print "$ARGV:$.: $n columns, want at most 120\n"; $bad = 1 }
		close ARGV if eof;
		END { $? = $bad ? 1 : 0 }'
