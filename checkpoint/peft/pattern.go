package peft

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"

	"falconmamba/internal/jsonerr"
)

// maxPattern bounds the text of an expression, in bytes, and maxSize what all of a config's take, in instructions: what
// they take of memory and time is not to depend on who wrote the file. A model of 1,000 layers has 4,000 matrices,
// and few adapters have patterns for each.
const (
	maxPattern = 1 << 10
	maxSize    = 1 << 16
)

// compile compiles an expression, which is parenthesised between before and after, if it takes no more than is left.
func compile(before, text, after string, left *int) (*regexp.Regexp, error) {
	if len(text) > maxPattern {
		return nil, fmt.Errorf("the pattern %.60q has %d bytes: want at most %d", text, len(text), maxPattern)
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		var broken *syntax.Error
		if errors.As(err, &broken) {
			err = errors.New(string(broken.Code)) // without the text, which may have several lines
		}
		return nil, fmt.Errorf("the pattern %.60q is no expression that is understood: %w", text, err)
	}
	if *left -= size(tree); *left < 0 {
		return nil, fmt.Errorf("the pattern %.60q, with those before it, is too large: want expressions without "+
			"such repetitions", text)
	}
	return regexp.Compile(before + "(" + text + ")" + after)
}

// size is about how many instructions an expression compiles to.
func size(tree *syntax.Regexp) int {
	n := 1 + len(tree.Rune)
	for _, sub := range tree.Sub {
		n += size(sub)
	}
	if tree.Op == syntax.OpRepeat {
		n *= max(1, tree.Min, tree.Max)
	}
	return n
}

// patterns are the values of rank_pattern and alpha_pattern, in the order of the file: the first that
// matches a module counts.
type patterns []pattern

type pattern struct {
	key   string
	match *regexp.Regexp
	value float64
}

func (p *patterns) UnmarshalJSON(text []byte) error {
	*p = nil // of a key that is there twice the last counts, as in Python
	if string(text) == "null" {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("a pattern of ranks or alphas is not an object")
	}
	left, seen := maxSize, map[string]int{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		one := pattern{key: key.(string)} // of an object
		if err := dec.Decode(&one.value); err != nil {
			return fmt.Errorf("the pattern %.60q has no number: %w", one.key, jsonerr.Plain(err))
		}
		if i, twice := seen[one.key]; twice {
			(*p)[i].value = one.value
			continue
		}
		// As PEFT's get_pattern_key has it.
		if one.match, err = compile(`^(.*\.)?`, one.key, `$`, &left); err != nil {
			return err
		}
		seen[one.key] = len(*p)
		*p = append(*p, one)
	}
	return nil
}

// of returns the value for a module, or def.
func (p patterns) of(module string, def float64) float64 {
	for _, one := range p {
		if one.match.MatchString(module) {
			return one.value
		}
	}
	return def
}

// modules are those that a list of names, or an expression for the whole of a name, asks for.
type modules struct {
	names      map[string]bool
	expression *regexp.Regexp // or nil
	unclear    bool           // is an expression that is not understood
}

func (m *modules) UnmarshalJSON(text []byte) error {
	*m = modules{}
	var one string
	if json.Unmarshal(text, &one) == nil && one != "" {
		left := maxSize
		var err error
		m.expression, err = compile("^", one, "$", &left)
		m.unclear = err != nil
		return nil
	}
	var list []string
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	m.names = map[string]bool{}
	for _, name := range list {
		m.names[name] = true
	}
	return nil
}

// has reports whether a module is asked for, and whether by its whole name.
func (m *modules) has(module string) (asked, whole bool) {
	if m.expression != nil {
		return m.expression.MatchString(module), true
	}
	for i := range module {
		if module[i] == '.' && m.names[module[i+1:]] {
			asked = true
		}
	}
	return asked || m.names[module], m.names[module]
}

// numbers are those of layers: one, or a list.
type numbers []int

func (n *numbers) UnmarshalJSON(text []byte) error {
	*n = nil
	var one int
	if string(text) != "null" && json.Unmarshal(text, &one) == nil {
		*n = numbers{one}
		return nil
	}
	return json.Unmarshal(text, (*[]int)(n))
}

// layerOf finds the number of a layer in the name of a module, as PEFT does.
var layerOf = regexp.MustCompile(`^.*\.[^.]*\.(\d+)\.`)

// asks reports whether target_modules asks for a module, as PEFT's check_target_module_exists has it.
func (c *config) asks(module string) bool {
	asked, whole := c.Targets.has(module)
	excluded, _ := c.Exclude.has(module)
	saved, _ := c.Save.has(module)
	switch {
	case !asked || excluded || saved || c.Targets.unclear || c.Exclude.unclear:
		return false
	case whole || len(c.Layers) == 0:
		return true
	case given(c.LayerNames):
		return false // layers of a name of their own, which these models do not have
	}
	m := layerOf.FindStringSubmatch(module)
	return m != nil && slices.ContainsFunc(c.Layers, func(n int) bool { return fmt.Sprint(n) == m[1] })
}

func given(v json.RawMessage) bool {
	return len(v) > 0 && !slices.Contains([]string{"null", "[]", `""`}, string(compact(v)))
}
