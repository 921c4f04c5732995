package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"falconmamba/cmd/internal/cli"
	"falconmamba/text/constrain"
)

// maxForm bounds a schema or a grammar from a file.
const maxForm = 16 << 20

// readGrammar returns the form that the command line asks for, nil for none.
func (o *options) readGrammar(ctx context.Context) (*constrain.Grammar, error) {
	given := o.flags.Changed
	if given("json-schema") && !isSchema(o.schema) {
		o.schemaFile = o.schema
	}
	file := cmp.Or(o.schemaFile, o.gbnfFile)
	if file == "" {
		switch {
		case given("json-schema"):
			return constrain.JSONSchema([]byte(o.schema))
		case given("grammar"):
			return constrain.GBNF(o.gbnf)
		case given("regex"):
			return constrain.Regexp(o.regex)
		}
		return nil, nil
	}
	data, err := cli.ReadFile(ctx, file, maxForm)
	var named *fs.PathError
	if errors.As(err, &named) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var g *constrain.Grammar
	if o.schemaFile != "" {
		g, err = constrain.JSONSchema(data)
	} else {
		g, err = constrain.GBNF(string(data))
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return g, nil
}

// isSchema reports whether text is a schema, not the name of a file that has one.
func isSchema(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "{") || text == "true" || text == "false" || text == ""
}
