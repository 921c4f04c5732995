package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"falconmamba/cmd/internal/cli"
	"falconmamba/internal/nearest"
	"falconmamba/internal/quantity"
)

// chatHelp is what /help says.
const chatHelp = `/undo            take back your last message and its answer
/regenerate      write another answer to your last message
/reset           begin anew
/fork            go on in a copy; /switch N goes between copies
/switch N        go on in copy N
/save FILE       save the conversation with its state; --force behind it replaces FILE
/load FILE       go on from a saved conversation: nothing is read again
/set             say how answers are drawn; /set NAME VALUE changes it, with the names of the
                 flags: temp, top-k, top-p, min-p, n-predict, seed …
/set system-prompt TEXT   begin anew with another message of the system
/stats           how long and how fast it is
/exit            end; so does ^D. ^C ends an answer, or clears the line; twice, it ends
A message that begins with / is written //. A \ at the end of a line goes on. Tab completes.
`

var commands = []string{
	"/help", "/exit", "/quit", "/bye", "/undo", "/regenerate", "/reset", "/fork", "/switch", "/save", "/load", "/set",
	"/stats",
}

// command does what a line behind a slash asks for. again is a message that is to be answered once more.
func (k *conversation) command(ctx context.Context, line string) (again string, err error) {
	name, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
	if name == "/regenerate" && strings.TrimSpace(arg) == "" {
		return k.takeBack()
	}
	return "", k.do(ctx, name, strings.TrimSpace(arg))
}

// takeBack undoes the last turn, and returns its message.
func (k *conversation) takeBack() (string, error) {
	messages := k.c.Messages()
	ok, err := k.c.Undo()
	if err == nil && !ok {
		err = errors.New("there is no answer yet to write anew")
	}
	if err != nil {
		return "", err
	}
	return messages[len(k.c.Messages())].Content, nil
}

// do is command for all that need no answer.
func (k *conversation) do(ctx context.Context, name, arg string) error {
	if !slices.Contains(commands, name) {
		return fmt.Errorf("there is no %s: /help lists the commands; write // for a message that begins with /%s",
			short(name), nearest.Did("", name, commands))
	}
	note := func(format string, args ...any) error {
		fmt.Fprintln(k.stderr, cli.Coloured(k.stderr, cli.Faint, cli.Clean(fmt.Sprintf(format, args...))))
		return nil
	}
	switch name {
	case "/save", "/load", "/switch":
		if arg == "" {
			return fmt.Errorf("%s needs to be told which: see /help", name)
		}
		if name != "/switch" {
			arg = cli.ExpandHome(arg)
		}
	case "/set":
		return k.set(arg, note)
	default:
		if arg != "" {
			return fmt.Errorf("%s takes nothing behind it: see /help, or write // for a message that begins with /",
				name)
		}
	}
	switch name {
	case "/help":
		fmt.Fprint(k.stderr, chatHelp)
		return nil
	case "/exit", "/quit", "/bye":
		return errExit
	case "/undo":
		messages := k.c.Messages()
		ok, err := k.c.Undo()
		if err != nil || !ok {
			return errors.Join(err, note("there is nothing to undo"))
		}
		return note("undone: %s", short(messages[len(k.c.Messages())].Content))
	case "/reset":
		if err := k.c.Reset(); err != nil {
			return err
		}
		return note("a new conversation")
	case "/fork":
		c, err := k.c.Fork(ctx)
		if err != nil {
			return err
		}
		k.all = append(k.all, c)
		k.c = c
		return note("this is copy %d; /switch 1 to %d goes to another", len(k.all), len(k.all))
	case "/switch":
		n, err := strconv.Atoi(arg)
		if err != nil || n < 1 || n > len(k.all) {
			return fmt.Errorf("/switch %s: there are copies 1 to %d", arg, len(k.all))
		}
		k.c = k.all[n-1]
		return note("this is copy %d, with %s", n, cli.Count(len(k.c.Messages()), "message"))
	case "/save":
		file, force := strings.CutSuffix(arg, " --force")
		arg = strings.TrimSpace(file)
		if err := k.checkSave(arg, force || k.force); err != nil {
			return err
		}
		if err := k.c.Save(ctx, arg); err != nil {
			return err
		}
		return note("saved in %s", arg)
	case "/load":
		if err := k.c.Load(ctx, arg); err != nil {
			return err
		}
		k.recall()
		return nil
	case "/stats":
		return note("%s, %s; the state has %v whatever their number\nlast answer: %s read%s, %s written%s, ended by %s",
			cli.Count(len(k.c.Messages()), "message"), cli.Count(len(k.c.Session().Tokens()), "token"),
			quantity.Bytes(k.m.Config().StateBytes()), cli.Count(k.sum.read(), "token"), k.sum.reading(),
			cli.Count(k.sum.tokens, "token"), k.sum.speed(), orNone(k.sum.reason))
	}
	return nil
}
