package gpu

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"falconmamba/shaders"
)

// Equal dispatches have one pipeline, which is made once; of those that fail the first is named, and the
// others are kept.
func TestPipelines(t *testing.T) {
	all := shaders.Kernels()
	dispatch := func(kernel int, constant uint32) Dispatch {
		return Dispatch{Kernel: &all[kernel], Constants: []shaders.Setting{{ID: 0, Value: constant}}}
	}
	bad := errors.New("bad")
	var mu sync.Mutex
	made := map[string]int{}
	p := NewPipelines(func(x *Dispatch) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		key := pipelineKey(x)
		if made[key]++; x.Constants[0].Value >= 10 {
			return "", bad
		}
		return key, nil
	})
	list := []Dispatch{dispatch(0, 1), dispatch(0, 2), dispatch(0, 1), dispatch(1, 1)}
	for range 2 {
		if _, err := p.Prepare(list); err != nil {
			t.Fatal(err)
		}
	}
	for i := range list {
		if key := pipelineKey(&list[i]); p.Of(&list[i]) != key || made[key] != 1 {
			t.Errorf("dispatch %d: %q, made %d times; want %q, once", i, p.Of(&list[i]), made[key], key)
		}
	}
	list = []Dispatch{dispatch(0, 1), dispatch(2, 3), dispatch(2, 11), dispatch(2, 10), dispatch(3, 1)}
	if at, err := p.Prepare(list); at != 2 || err != bad {
		t.Errorf("got %v of dispatch %d, want %v of dispatch 2", err, at, bad)
	}
	if n := len(slices.Collect(p.All())); n != 5 {
		t.Errorf("%d pipelines, want 5", n)
	}
}

// Several pipelines are made at once.
func TestPipelinesAtOnce(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	all := shaders.Kernels()
	other := make(chan bool)
	p := NewPipelines(func(*Dispatch) (int, error) {
		select {
		case other <- true:
		case <-other:
		case <-time.After(time.Minute):
			return 0, errors.New("after a minute no other is being made")
		}
		return 0, nil
	})
	if _, err := p.Prepare([]Dispatch{{Kernel: &all[0]}, {Kernel: &all[1]}}); err != nil {
		t.Error(err)
	}
}
