package main

import (
	"context"
	"testing"
)

func TestRun(t *testing.T) {
	t.Setenv("FM_BACKEND", "cpu")
	if err := run(context.Background()); err != nil {
		t.Error(err)
	}
}
