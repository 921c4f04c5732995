package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"
)

// A Page is what a program, or one of its words, says of itself: for manual pages and for shells.
type Page struct {
	Program  string      // "fmgen"
	Word     string      // that stands before the flags, "" for the program itself
	About    string      // a line
	Long     string      // what --help says of it, lines of a terminal
	Usage    string      // behind the program's name
	Words    [][2]string // of the program: each with what it is about
	Takes    []string    // what shells complete behind the word, beside flags and files
	Flags    *pflag.FlagSet
	Examples string
}

// A Manual is what a program says of itself, to people and to shells.
type Manual struct {
	Pages []Page // of the program, and of its words but for those of ManualWords
	More  string // sections that every manual page ends with, in the language of man(7)
}

// ManualWords are the words by which a program writes its manual, and what they are about.
var ManualWords = [2][2]string{
	{"man", "write a manual page"},
	{"completion", "write what a shell completes the command line by"},
}

// IsManual reports whether a command line asks for the manual.
func IsManual(args []string) bool {
	return len(args) > 0 && (args[0] == ManualWords[0][0] || args[0] == ManualWords[1][0])
}

// all are the pages, with those of the words of ManualWords.
func (m Manual) all() []Page {
	program := m.Pages[0].Program
	all := append([]Page{}, m.Pages...)
	for _, w := range ManualWords {
		p := Page{Program: program, Word: w[0], About: w[1], Flags: NewFlags(program + " " + w[0])}
		if w[0] == "man" {
			p.Long = "Writes the manual page of the program, or of one of its commands."
			p.Usage = "man [COMMAND]"
			p.Takes = append(wordsOf(m.Pages), ManualWords[0][0], ManualWords[1][0])
			p.Examples = fmt.Sprintf("  %s man | man -l -    read it\n  %[1]s man > %[1]s.1", program)
			if len(m.Pages) > 1 {
				p.Examples += fmt.Sprintf("\n  %s man %s > %[1]s-%[2]s.1", program, m.Pages[1].Word)
			}
		} else {
			p.Long = "Writes a script by which a shell completes the command line."
			p.Usage = "completion " + strings.Join(Shells, "|")
			p.Takes = Shells
			p.Examples = fmt.Sprintf("  source <(%s completion bash)\n  %[1]s completion fish > "+
				"~/.config/fish/completions/%[1]s.fish", program)
		}
		DeclareVersion(p.Flags)
		all = append(all, p)
	}
	return all
}

// Write writes what args ask for, of which IsManual is true.
func (m Manual) Write(args []string, stdout io.Writer) error {
	all := m.all()
	for _, p := range all[len(m.Pages):] {
		if p.Word != args[0] {
			continue
		}
		if done, err := ParseWord(p, args[1:], stdout); done || err != nil {
			return err
		}
		words := p.Flags.Args()
		switch {
		case p.Word == "man":
			return m.man(all, words, stdout)
		case len(words) != 1:
			return Usagef("completion for which shell? Want one of %s", strings.Join(Shells, ", "))
		}
		return Completion(stdout, words[0], all)
	}
	return Usagef("%q is no command", args[0])
}

// man writes the page of a word, or of the program where there is none.
func (m Manual) man(all []Page, words []string, stdout io.Writer) error {
	for _, p := range all {
		if p.Word == strings.Join(words, " ") {
			return Man(stdout, p, m.More)
		}
	}
	return Usagef("man %s: there is no such command", strings.Join(words, " "))
}

// ParseWord parses the flags of a page. done says that help or the version was asked for, and written.
func ParseWord(p Page, args []string, stdout io.Writer) (done bool, err error) {
	switch err := Parse(p.Flags, args); {
	case errors.Is(err, pflag.ErrHelp):
		_, err = fmt.Fprint(stdout, p.Help())
		return true, err
	case errors.Is(err, ErrVersion):
		_, err = fmt.Fprint(stdout, Version(p.Program))
		return true, err
	default:
		return false, err
	}
}

// Help is what --help writes.
func (p Page) Help() string {
	width, words := 0, ""
	for _, w := range p.Words {
		width = max(width, len(w[0]))
	}
	for _, w := range p.Words {
		words += fmt.Sprintf("       %s %-*s %s\n", p.Program, width, w[0], w[1])
	}
	return fmt.Sprintf("Usage: %s %s\n%s\n%s\n\n%s\nExamples:\n%s\n", p.Program, p.Usage, words, p.Long,
		p.Flags.FlagUsages(), p.Examples)
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
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n%s\n.SH DESCRIPTION\n%s\n.SH OPTIONS\n", p.Program, roff(p.Usage),
		roff(flowing(p.Long)))
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
	if len(p.Words) > 0 {
		fmt.Fprint(&b, ".SH COMMANDS\n")
	}
	for _, w := range p.Words {
		fmt.Fprintf(&b, ".TP\n\\fB%s\\fR\n%s\n", roff(w[0]), roff(w[1]))
	}
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
			fmt.Fprintf(&b, "  %s) words=%q ;;\n", word, strings.Join(append(dashed(p.Flags), p.Takes...), " "))
		}
		b.WriteString("  esac\n")
		fmt.Fprintf(&b, "  [ \"$COMP_CWORD\" = 1 ] && words=\"$words %s\"\n", strings.Join(wordsOf(pages), " "))
		// Words have blanks between, names of files may have them within.
		b.WriteString("  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n  local IFS=$'\\n'\n")
		b.WriteString("  case $cur in -*) ;; *) COMPREPLY+=($(compgen -f -- \"$cur\")) ;; esac\n}\n")
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
			if len(p.Takes) > 0 {
				fmt.Fprintf(&b, "complete -c %s -n '%s' -a '%s'\n", program, when, strings.Join(p.Takes, " "))
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
