package cpu

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"falconmamba/backend"
)

func TestQueueWakesEveryWaiter(t *testing.T) {
	q := newQueue()
	defer q.close()
	var wg sync.WaitGroup
	ran := 0
	for i := range 50 {
		ticket, err := q.put(func() error { ran++; return nil }, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			wg.Go(func() {
				if err := q.wait(context.Background(), ticket); err != nil {
					t.Errorf("task %d: %v", i, err)
				}
			})
		}
	}
	wg.Wait()
	if ran != 50 {
		t.Errorf("%d tasks ran, want 50", ran)
	}
}

func TestQueueUsesWaitersAgain(t *testing.T) {
	q := newQueue()
	defer q.close()
	release := make(chan struct{})
	ticket, err := q.put(func() error { <-release; return nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := q.wait(ctx, ticket); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
	}
	close(release)
	if err := q.wait(context.Background(), ticket); err != nil {
		t.Error(err)
	}
	// The waiter that gave up is used again, with nothing left in its channel.
	gate := make(chan struct{})
	ticket, err = q.put(func() error { <-gate; return backend.ErrDeviceLost }, nil)
	if err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(5*time.Millisecond, func() { close(gate) })
	if err := q.wait(context.Background(), ticket); !errors.Is(err, backend.ErrDeviceLost) {
		t.Errorf("got %v, want %v", err, backend.ErrDeviceLost)
	}
}
