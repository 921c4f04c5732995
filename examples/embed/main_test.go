package main

import (
	"context"
	"testing"
)

func TestRun(t *testing.T) {
	if err := run(context.Background(), "cpu"); err != nil {
		t.Error(err)
	}
}
