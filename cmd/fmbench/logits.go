package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"falconmamba"
	"falconmamba/cmd/internal/cli"
	"falconmamba/cmd/internal/report"
)

func logitsFlags(c *call) {
	c.modelFlags()
	c.deviceFlags()
	c.fs.StringVar(&c.o.ids, "ids", "", "`IDS` of tokens, with commas between")
	c.fs.StringVarP(&c.o.text, "prompt", "p", "", "`TEXT` in place of ids")
	c.fs.BoolVar(&c.o.all, "all", false, "of every token; else of the last alone")
}

// shown is how many of a row's logits people see; machines get all.
const shown = 5

// runLogits prints the scores of what follows each token.
func runLogits(ctx context.Context, c *call) error {
	if c.fs.Changed("ids") == c.fs.Changed("prompt") {
		return cli.Usagef("give the tokens with --ids or the text with -p")
	}
	m, err := c.openOne(ctx)
	if err != nil {
		return err
	}
	return errors.Join(c.logits(ctx, m), m.Close())
}

func (c *call) logits(ctx context.Context, m *falconmamba.Model) error {
	ids, err := cli.IDs(c.o.ids)
	if err != nil {
		return err
	}
	if c.o.text != "" {
		if ids, err = m.Encode(c.o.text); err != nil {
			return err
		}
	}
	s, err := m.NewSession()
	if err != nil {
		return err
	}
	defer s.Close()
	out, err := s.Forward(ctx, ids, falconmamba.ForwardOptions{AllLogits: c.o.all})
	if err != nil {
		return err
	}
	c.report.Table(report.Table{Name: "logits", Columns: []report.Column{
		{Key: "row"}, {Key: "id"}, {Key: "token", Left: true, Width: 12}, {Key: "logits", Left: true},
	}})
	for i, row := range out.Logits {
		at := len(ids) - len(out.Logits) + i
		var token any
		if t := m.Tokenizer(); t != nil {
			token = quoted(t.Decode(ids[at:at+1], false))
		}
		c.report.Row(at, ids[at], token, scores{row, m})
	}
	return nil
}

// quoted is a token's text: as it is for machines, in quotes for people.
type quoted string

func (q quoted) String() string { return fmt.Sprintf("%q", string(q)) }

// scores are a row of logits: for people, the best of them.
type scores struct {
	row []float32
	m   *falconmamba.Model
}

func (s scores) Machine() any { return s.row }

func (s scores) String() string {
	order := make([]int, len(s.row))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case s.row[a] > s.row[b]:
			return -1
		case s.row[a] < s.row[b]:
			return 1
		}
		return 0
	})
	var words []string
	for _, id := range order[:min(shown, len(order))] {
		word := fmt.Sprint(id)
		if t := s.m.Tokenizer(); t != nil {
			word = fmt.Sprintf("%q", t.Decode([]int32{int32(id)}, false))
		}
		words = append(words, fmt.Sprintf("%s %.4f", word, s.row[id]))
	}
	return strings.Join(words, ", ")
}
