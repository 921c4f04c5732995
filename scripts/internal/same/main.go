// Same runs two builds of the programs, an old one and a new one, on the same
// command lines and says where they differ.
//
//	same -table FILE OLD NEW [REGEXP]
//
// OLD and NEW are folders with fmgen and fmbench. A line of the table is
//
//	STATUS COMMAND    the exit status that the old build has, and what bash runs
//	in COMMAND        makes something of the inputs, with the old build alone
//
// Each command runs in an empty folder with the folder in, the inputs: fixtures
// of the repository, and what was made of them. A line with $backend stands for
// one of each backend in FM_SAME_BACKENDS.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// A command is a line of the table.
type command struct {
	line    int
	status  int
	input   bool // for the inputs
	text    string
	backend string
}

// String is the command as it could be typed.
func (c command) String() string { return strings.ReplaceAll(c.text, "$backend", c.backend) }

func main() {
	table := flag.String("table", "", "`FILE` with the command lines")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	same, err := compare(ctx, *table, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "same:", err)
		os.Exit(2)
	}
	if !same {
		os.Exit(1)
	}
}

func compare(ctx context.Context, table string, args []string) (same bool, err error) {
	if len(args) < 2 || len(args) > 3 {
		return false, errors.New("want two folders, of an old build and a new one, and perhaps a regular expression")
	}
	match, err := regexp.Compile(strings.Join(args[2:], ""))
	if err != nil {
		return false, err
	}
	builds := args[:2]
	for _, dir := range builds {
		for _, program := range []string{"fmgen", "fmbench"} {
			if _, err := exec.LookPath(filepath.Join(dir, program)); err != nil {
				return false, err
			}
		}
	}
	backends := os.Getenv("FM_SAME_BACKENDS")
	if backends == "" {
		backends = "cpu ref"
	}
	commands, err := readTable(table, strings.Fields(backends))
	if err != nil {
		return false, err
	}
	work, err := os.MkdirTemp("", "same")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(work)
	// Drivers keep shaders there, if they find it.
	if err := os.MkdirAll(filepath.Join(work, "home", "cache"), 0o755); err != nil {
		return false, err
	}
	if err := makeInputs(filepath.Join(work, "in")); err != nil {
		return false, err
	}
	var cases []command
	for _, c := range commands {
		if !c.input {
			if match.MatchString(c.String()) {
				cases = append(cases, c)
			}
			continue
		}
		if o, err := c.run(ctx, builds[0], work, filepath.Join(work, "in")); err != nil {
			return false, err
		} else if o.status != 0 {
			return false, fmt.Errorf("line %d: %v: status %d: %s", c.line, c, o.status, o.stderr)
		}
	}
	all := compareAll(ctx, cases, builds, work)
	if err := ctx.Err(); err != nil {
		return false, err
	}
	differ := 0
	for i, said := range all {
		if said != "" {
			differ++
			fmt.Printf("differs, line %d: %v\n%s", cases[i].line, cases[i], said)
		}
	}
	fmt.Printf("%d same, %d differ\n", len(cases)-differ, differ)
	return differ == 0, nil
}

// readTable returns the lines of the table.
func readTable(path string, backends []string) (all []command, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(s.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		first, text, _ := strings.Cut(line, " ")
		c := command{line: n, text: strings.TrimSpace(text), input: first == "in"}
		if !c.input {
			if c.status, err = strconv.Atoi(first); err != nil || c.text == "" {
				return nil, fmt.Errorf("%s:%d: want a status, or in, and a command", path, n)
			}
		}
		if !strings.Contains(c.text, "$backend") {
			all = append(all, c)
			continue
		}
		for _, c.backend = range backends {
			all = append(all, c)
		}
	}
	return all, s.Err()
}

// compareAll returns what differs in each of the cases, nothing where they are the
// same. As many run at once as there are processors.
func compareAll(ctx context.Context, cases []command, builds []string, work string) []string {
	said := make([]string, len(cases))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				said[i] = cases[i].compare(ctx, builds, work, filepath.Join(work, fmt.Sprint(i)))
			}
		})
	}
	for i := range cases {
		next <- i
	}
	close(next)
	workers.Wait()
	return said
}

// compare runs the command with both builds, in folders below dir.
func (c command) compare(ctx context.Context, builds []string, work, dir string) string {
	defer os.RemoveAll(dir)
	var found [2]outcome
	for i, build := range builds {
		here := filepath.Join(dir, []string{"old", "new"}[i])
		err := os.MkdirAll(here, 0o755)
		if err == nil {
			err = os.Symlink("../../in", filepath.Join(here, "in"))
		}
		if err == nil {
			found[i], err = c.run(ctx, build, work, here)
		}
		if err != nil {
			return fmt.Sprintf("\tit could not be run: %v\n", err)
		}
	}
	said := difference(found[0], found[1])
	if said == "" && found[0].status != c.status {
		said = fmt.Sprintf("\tstatus %d of both, and %d in the table: %s\n",
			found[0].status, c.status, short(found[0].stderr, 0))
	}
	return said
}
