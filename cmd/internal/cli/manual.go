package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// A Page is what a program, or one of its words, says of itself: for manual pages and for shells.
type Page struct {
	Program  string // "fmgen"
	Word     string // that stands before the flags, "" for the program itself
	About    string
	Usage    string // behind the program's name
	Flags    *pflag.FlagSet
	Examples string
}

// name is what the page is called: fmgen-convert.
func (p Page) name() string {
	if p.Word == "" {
		return p.Program
	}
	return p.Program + "-" + p.Word
}

// Man writes a page in the language of man(7).
func Man(w io.Writer, p Page, more string) error {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1\n.SH NAME\n%s \\- %s\n", strings.ToUpper(roff(p.name())), roff(p.name()),
		roff(OneLine(p.About)))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n%s\n.SH OPTIONS\n", p.Program, roff(p.Usage))
	p.Flags.VisitAll(func(f *pflag.Flag) {
		value, about := pflag.UnquoteUsage(f)
		fmt.Fprint(&b, ".TP\n")
		if f.Shorthand != "" {
			fmt.Fprintf(&b, "\\fB\\-%s\\fR, ", f.Shorthand)
		}
		fmt.Fprintf(&b, "\\fB\\-\\-%s\\fR", roff(f.Name))
		if value != "" {
			fmt.Fprintf(&b, " \\fI%s\\fR", roff(value))
		}
		fmt.Fprintf(&b, "\n%s\n", roff(flowing(about)))
	})
	fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n%s", roff(p.Examples), more)
	_, err := io.WriteString(w, b.String())
	return err
}

// flowing is text without the lines that --help breaks it into.
func flowing(text string) string { return strings.Join(strings.Fields(text), " ") }

// roff is text as man(7) takes it: a backslash is written \e, and a line does not begin as a request.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

// Shells are those that Completion writes for.
var Shells = []string{"bash", "zsh", "fish"}

// Completion writes what a shell completes the flags and the words of a program by; values of flags are files to it.
// pages are the program's own and those of its words.
func Completion(w io.Writer, shell string, pages []Page) error {
	var b strings.Builder
	switch program := pages[0].Program; shell {
	case "bash", "zsh":
		if shell == "zsh" {
			b.WriteString("autoload -U +X bashcompinit && bashcompinit\n")
		}
		fmt.Fprintf(&b, "_%s() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words\n  case ${COMP_WORDS[1]} in\n", program)
		for _, p := range append(pages[1:len(pages):len(pages)], pages[0]) {
			word := p.Word
			if word == "" {
				word = "*"
			}
			fmt.Fprintf(&b, "  %s) words=%q ;;\n", word, strings.Join(dashed(p.Flags), " "))
		}
		b.WriteString("  esac\n")
		fmt.Fprintf(&b, "  [ \"$COMP_CWORD\" = 1 ] && words=\"$words %s\"\n", strings.Join(wordsOf(pages), " "))
		b.WriteString("  COMPREPLY=()\n  case $cur in -*) ;; *) COMPREPLY=($(compgen -f -- \"$cur\")) ;; esac\n")
		b.WriteString("  COMPREPLY+=($(compgen -W \"$words\" -- \"$cur\"))\n}\n")
		fmt.Fprintf(&b, "complete -o filenames -F _%s %s\n", program, program)
	case "fish":
		words := strings.Join(wordsOf(pages), " ")
		for _, p := range pages {
			when := "__fish_seen_subcommand_from " + p.Word
			if p.Word == "" {
				when = "not __fish_seen_subcommand_from " + words
			} else {
				fmt.Fprintf(&b, "complete -c %s -n 'not __fish_seen_subcommand_from %s' -a %s -d %s\n",
					program, words, p.Word, quoted(OneLine(p.About)))
			}
			p.Flags.VisitAll(func(f *pflag.Flag) {
				value, about := pflag.UnquoteUsage(f)
				fmt.Fprintf(&b, "complete -c %s -n '%s' -l %s -d %s", program, when, f.Name, quoted(flowing(about)))
				if f.Shorthand != "" {
					fmt.Fprintf(&b, " -s %s", f.Shorthand)
				}
				if value != "" {
					b.WriteString(" -r")
				}
				b.WriteString("\n")
			})
		}
	default:
		return Usagef("completion for %q is not written: want one of %s", shell, strings.Join(Shells, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// dashed are the flags of a set, as they are typed.
func dashed(fs *pflag.FlagSet) (names []string) {
	fs.VisitAll(func(f *pflag.Flag) {
		names = append(names, "--"+f.Name)
		if f.Shorthand != "" {
			names = append(names, "-"+f.Shorthand)
		}
	})
	return names
}

func wordsOf(pages []Page) (words []string) {
	for _, p := range pages[1:] {
		words = append(words, p.Word)
	}
	return words
}

// quoted is text as a shell takes it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
