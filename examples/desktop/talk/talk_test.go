package talk

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"falconmamba"
	"falconmamba/backend"
	_ "falconmamba/backend/all"
	"falconmamba/checkpoint/tiny"
)

// A device is the processor, that is lost after some passes.
type device struct {
	backend.Backend
	passes atomic.Int64
}

func (d *device) Wait(ctx context.Context, t backend.Ticket) error {
	if d.passes.Add(-1) < 0 {
		return fmt.Errorf("pass %d: %w", t, backend.ErrDeviceLost)
	}
	return d.Backend.Wait(ctx, t)
}

func newDevice(t *testing.T) *device {
	t.Helper()
	b, err := backend.Open("cpu", backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	d := &device{Backend: b}
	d.passes.Store(1 << 40)
	return d
}

func open(t *testing.T, d *device) *falconmamba.Model {
	t.Helper()
	m, err := falconmamba.OpenFS(context.Background(), tiny.FS(), &falconmamba.Options{Device: d})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const tokens = 12

func begin(t *testing.T, x *Talk, m *falconmamba.Model) {
	t.Helper()
	o := m.Defaults()
	o.MaxTokens, o.EOS, o.Sampling.Temperature = tokens, []int32{}, 0 // another turn draws the same
	if err := x.Begin(m, o, true); err != nil {
		t.Fatal(err)
	}
}

func end(x *Talk, m *falconmamba.Model) {
	x.End()()
	m.Close()
}

// idle waits until all is done.
func idle(t *testing.T, x *Talk) View {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if v := x.Look(View{}); !v.Busy {
			return v
		}
	}
	t.Fatal("it does not end")
	return View{}
}

func text(v View) (s string) {
	for _, x := range v.Turns {
		s += x.Typed + x.Written
	}
	return s
}

// Turns make a tree. Going back and on makes a branch, which is what the model writes after that text alone; the
// state comes from where it was kept, or the text is read again.
func TestBranches(t *testing.T) {
	m := open(t, newDevice(t))
	for _, limit := range []int64{1 << 30, 0} {
		x := New(limit)
		begin(t, x, m)
		x.Send("ROMEO:")
		first := idle(t, x)
		if first.Failed || !strings.HasPrefix(text(first), "ROMEO:") || len(text(first)) < len("ROMEO:")+tokens/2 {
			t.Fatalf("%q, %q", text(first), first.Status)
		}
		x.Send("\n\nJULIET:")
		second := idle(t, x)
		x.Go(first.Rows[1].ID)
		if v := idle(t, x); text(v) != text(first) || v.Failed {
			t.Fatalf("going back shows %q, %q", text(v), v.Status)
		}
		x.Send("\n\nJULIET:")
		again := idle(t, x)
		if text(again) != text(second) || again.Failed {
			t.Errorf("limit %d: the branch is %q, want %q: %s", limit, text(again), text(second), again.Status)
		}
		if n := len(again.Rows); n != 4 || !again.Rows[2].Branch || !again.Rows[3].Here {
			t.Errorf("rows are %+v", again.Rows)
		}
		if again.Bytes > again.Limit || limit > 0 && again.States != 3 {
			t.Errorf("%d states of %d bytes, at most %d", again.States, again.Bytes, again.Limit)
		}
		x.Back()
		idle(t, x)
		x.Again()
		v := idle(t, x)
		if !strings.HasPrefix(text(v), "ROMEO:") || len(v.Turns) != 1 || len(v.Rows) != 5 {
			t.Errorf("again: %q in rows %+v", text(v), v.Rows)
		}
		x.Go(0)
		idle(t, x)
		x.Back()
		if v := idle(t, x); text(v) != "" || !v.Failed {
			t.Errorf("before the beginning: %q, %q", text(v), v.Status)
		}
		x.Send("")
		if v := idle(t, x); text(v) != "" || !v.Failed || len(v.Rows) != 5 {
			t.Errorf("nothing to go on from: %q, %q", text(v), v.Status)
		}
		x.End()()
	}
	m.Close()
}

// A turn is stopped, and what it wrote stays and is gone on from.
func TestStop(t *testing.T) {
	m := open(t, newDevice(t))
	x := New(1 << 30)
	o := m.Defaults()
	o.MaxTokens, o.EOS = 1<<20, []int32{}
	if err := x.Begin(m, o, false); err != nil {
		t.Fatal(err)
	}
	x.Send("ROMEO:")
	for len(text(x.Look(View{}))) < 20 {
		time.Sleep(time.Millisecond)
	}
	x.Stop()
	v := idle(t, x)
	if v.Failed || !strings.Contains(v.Status, "stopped") || v.States != 1 {
		t.Errorf("after stopping: %q, %d states", v.Status, v.States)
	}
	x.Send(" and")
	for len(text(x.Look(View{}))) < len(text(v))+20 {
		time.Sleep(time.Millisecond)
	}
	x.Send("queued")
	end(x, m) // in the middle
	if got := x.Refused(); got != "queued" && !strings.Contains(text(x.Look(View{})), "queued") {
		t.Errorf("a prompt that waited is lost: there is %q, and %q came back", text(x.Look(View{})), got)
	}
	if got := x.Look(View{}); !strings.HasPrefix(text(got), text(v)+" and") {
		t.Errorf("%q goes on as %q", text(v), text(got))
	}
}

// A device is lost in the middle of a turn: what was written stays, and on another device the text goes on as it
// would have.
func TestLost(t *testing.T) {
	d := newDevice(t)
	m := open(t, d)
	x := New(1 << 30)
	begin(t, x, m)
	x.Send("ROMEO:")
	first := idle(t, x)
	d.passes.Store(3)
	x.Send(" What")
	v := idle(t, x)
	if !v.Lost || !v.Failed {
		t.Fatalf("lost is %t: %q", v.Lost, v.Status)
	}
	if !strings.HasPrefix(text(v), text(first)) {
		t.Errorf("%q is lost: there is %q", text(first), text(v))
	}
	end(x, m)
	if v := x.Look(View{}); v.Session != nil || !strings.HasPrefix(text(v), text(first)) {
		t.Errorf("without a model: %q", text(v))
	}
	x.Send("hello")
	if v := idle(t, x); !v.Failed || x.Refused() != "hello" {
		t.Errorf("a prompt without a model: %q", v.Status)
	}

	m = open(t, newDevice(t))
	begin(t, x, m)
	if v := idle(t, x); v.Lost || v.States != 1 {
		t.Errorf("on the new device lost is %t, %d states", v.Lost, v.States)
	}
	x.Go(first.Rows[1].ID) // its state is of the lost device
	idle(t, x)
	x.Send("\n")
	got := idle(t, x)
	end(x, m)

	// The same without a loss.
	m = open(t, newDevice(t))
	y := New(0)
	begin(t, y, m)
	y.Send(text(first) + "\n")
	want := idle(t, y)
	end(y, m)
	if text(got) != text(want) {
		t.Errorf("after the loss it goes on as %q, want %q", text(got), text(want))
	}
}

// Another model goes on with the text; states of the first are forgotten.
func TestAnotherModel(t *testing.T) {
	m := open(t, newDevice(t))
	x := New(1 << 30)
	begin(t, x, m)
	x.Send("ROMEO:")
	first := idle(t, x)
	end(x, m)
	x.print = "another" // what Begin finds
	m = open(t, newDevice(t))
	begin(t, x, m)
	if v := idle(t, x); v.States != 0 || text(v) != text(first) {
		t.Errorf("%d states are left, of %q", v.States, text(v))
	}
	x.Send(" What")
	v := idle(t, x)
	if v.Failed || !strings.HasPrefix(text(v), text(first)+" What") || v.State == nil {
		t.Errorf("it goes on as %q: %s", text(v), v.Status)
	}
	end(x, m)
}

// What is handed out does not change.
func TestLook(t *testing.T) {
	x := New(0)
	v := x.Look(View{})
	if same := x.Look(v); &same.Rows[0] != &v.Rows[0] {
		t.Error("rows are made anew where nothing is")
	}
	if len(v.Rows) != 1 || v.Rows[0].ID != 0 || v.Busy {
		t.Errorf("%+v", v)
	}
}
