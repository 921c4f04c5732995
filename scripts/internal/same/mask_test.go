package main

import "testing"

func TestMask(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "a time, a free, a private\nand, 3, 4": "a time, a free, a private\nand, 3, 4",
		"| case | time |\n| --- | --: |\n| a 3 | 2ms |\n| b   |   |\n\n| a | 3 |": "| case | time |\n| --- | --: " +
			"|\n| a 3 |*|\n| b   |   |\n\n| a | 3 |",
		"case,seconds,tokens\n\"a,3\",0.5,7\n":                                 "case,seconds,tokens\n\"a,3\",*,7\n",
		`{"tokens":3,"timings":{"load_seconds":1.5e-3,"tokens_per_second":0}}`: `{"tokens":3,"timings":{"load_seconds":*,"tokens_per_second":*}}`,
		`{"commit":"0fb3049dc3d2, changed","date":"2026-11-29T10:42:35Z"}`:     `{"commit":*,"date":*}`,
		`{"commit":null,"date":"2026-11-29T10:42:35Z","n":null}`:               `{"commit":*,"date":*,"n":null}`,
		"4.83 MiB, loaded in 30.2ms":                                           "4.83 MiB, loaded in *",
		"2 tokens, 291.2 tok/s, first token after 6.87ms": "2 tokens, * tok/s, first " +
			"token after *",
		"5.90 MiB at most on the device; it has 26.7 MiB resident, 26.7 MiB at most": "5.90 MiB at most on the " +
			"device; it has * resident at most",
		"it took 1.2s on 2 threads; it had 21.6 MiB resident at most": "it took * on 2 threads; it " +
			"had * resident at most",
	} {
		if got := mask(in); got != want {
			t.Errorf("mask(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDifference(t *testing.T) {
	old := outcome{stdout: "a\nb\n", files: map[string]string{"f": "1"}}
	if got := difference(old, old); got != "" {
		t.Errorf("of the same: %q", got)
	}
	for _, new := range []outcome{
		{status: 1, stdout: "a\nb\n", files: old.files}, {stdout: "a\nb", files: old.files},
		{stdout: "a\nb\nc\n", files: old.files},
		{stdout: "a\nb\n", stderr: "e\n", files: old.files}, {stdout: "a\nb\n"},
		{stdout: "a\nb\n", files: map[string]string{"f": "2"}},
	} {
		if difference(old, new) == "" || difference(new, old) == "" {
			t.Errorf("%+v and %+v are the same", old, new)
		}
	}
}
