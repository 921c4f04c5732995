package engine

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/null"
	"falconmamba/checkpoint"
	"falconmamba/model"
)

// A device that has room for the weights and no more refuses the engine, says
// what to do, and is left as it was.
func TestNoRoomForStates(t *testing.T) {
	ck, err := checkpoint.OpenFS(os.DirFS("../checkpoint/testdata/tiny"), checkpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ck.Close()
	total := int64(0)
	for _, x := range ck.Tensors() {
		total += x.Bytes
	}
	b := null.Open(null.Options{Memory: total, Info: backend.Info{Name: "dev:0", Class: backend.Discrete}})
	m, err := model.Load(context.Background(), b, ck, model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	weights := b.Stats().Live
	_, err = New(m, Options{})
	if !errors.Is(err, backend.ErrOutOfMemory) || !strings.Contains(err.Error(), "try --quant or a smaller model") {
		t.Errorf("New: %v", err)
	}
	if got := b.Stats().Live; got != weights {
		t.Errorf("%d bytes are live, before New %d", got, weights)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
	if got := b.Stats().Live; got != 0 {
		t.Errorf("%d bytes stay live", got)
	}
}
