package constrain

import (
	"strings"
	"testing"
)

func TestGBNF(t *testing.T) {
	for _, c := range []struct {
		grammar   string
		good, bad []string
	}{
		{`root ::= "a" | "bc"`, []string{"a", "bc"}, []string{"", "b", "abc"}},
		{"root ::= item (\",\" \" \"? item)*\nitem ::= [a-z]{1,3} # letters\n  | [0-9]+", []string{"abc", "a, 1,bc"},
			[]string{"", "a,", "abcd", "A"}},
		{`root ::= "(" root? ")"`, []string{"()", "((()))"}, []string{"", "(", "())"}},
		{"root ::= expr\nexpr ::= term ([+*] term)*\nterm ::= [0-9]+ | \"(\" expr \")\"",
			[]string{"1", "(1+2)*3", "((7))"}, []string{"1+", "()", "(1"}},
		{"root ::= ws \"x\" ws\nws ::= ([ \\t\\n] ws)?", []string{"x", " \n x\t"}, []string{"", "y"}},
		{`root ::= [^"\\\x41é-í]`, []string{"b", "😀", "e"}, []string{"A", `"`, "ë", "bb"}},
		{`root ::= (ab | "c")* 
ab ::= "a" (root "b")?`, []string{"", "a", "acb", "aacbb", "cacb"}, []string{"b", "ad"}},
		{`root ::= ((x?)*)* "."
x ::= "x" x?`, []string{".", "xxx."}, []string{"x", ".."}},
		{`root ::= .{2}`, []string{"ab", "é\n"}, []string{"a", "abc"}},
	} {
		g, err := GBNF(c.grammar)
		if err != nil {
			t.Errorf("%s: %v", c.grammar, err)
			continue
		}
		for _, s := range c.good {
			if !g.Matches(s) {
				t.Errorf("%s: refuses %q", c.grammar, s)
			}
		}
		for _, s := range c.bad {
			if g.Matches(s) {
				t.Errorf("%s: allows %q", c.grammar, s)
			}
		}
	}
}

func TestGBNFErrors(t *testing.T) {
	for grammar, want := range map[string]string{
		``:                        "no rule root",
		`x ::= "a"`:               "no rule root",
		`root ::= y`:              "calls y",
		`root ::= root "a" | "b"`: "refers to itself",
		"root ::= a\na ::= b? a \"x\"\nb ::= \"y\"": "no text fits",
		`root ::= "a`:                    "has no end",
		`root ::= (`:                     "want a )",
		`root ::= [b-a]`:                 "out of order",
		"root ::= \"a\"\nroot ::= \"b\"": "line 2: the rule root is there twice",
		`root ::= "\q"`:                  "not known",
		`root ::= "a"{3,1}`:              "a repeat of 3 to 1",
		`root = "a"`:                     "want ::=",
		`root ::= <x>`:                   "want a literal",
	} {
		_, err := GBNF(grammar)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", grammar, err, want)
		}
	}
}
