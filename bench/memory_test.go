package bench

import (
	"context"
	"errors"
	"testing"
	"time"

	"falconmamba"
	"falconmamba/backend"
	_ "falconmamba/backend/cpu"
	"falconmamba/internal/procmem"
	"falconmamba/model"
)

func open(t testing.TB, name string) backend.Backend {
	t.Helper()
	b, err := backend.Open(name, backend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s := b.Stats(); s.Live != 0 {
			t.Errorf("%s: %d bytes live at the end", name, s.Live)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func TestLong(t *testing.T) {
	m := load(t, "../checkpoint/testdata/tiny", "cpu", 16)
	var points []LongPoint
	if err := Long(context.Background(), m, 500, 1, func(p LongPoint) { points = append(points, p) }); err != nil {
		t.Fatal(err)
	}
	if len(points) != 10 || points[9].Tokens != 500 {
		t.Errorf("%d points, the last at %+v, want ten up to 500 tokens", len(points), points[len(points)-1])
	}
	for i, p := range points {
		if p.Tokens < 50*(i+1) || !(p.Rate > 0) || p.Stats.Live == 0 {
			t.Errorf("point %d is %+v", i, p)
		}
	}
	if err := Flat(points[0], points[9]); err != nil {
		t.Error(err)
	}
}

func TestFlat(t *testing.T) {
	at := func(live, peak, private int64) LongPoint {
		return LongPoint{Stats: backend.Stats{Live: live, Peak: peak}, Process: procmem.Reading{Private: private},
			Measured: true}
	}
	for _, c := range []struct {
		first, last LongPoint
		flat        bool
	}{
		{at(5, 9, 100), at(5, 9, 100+flatSlack), true},
		{at(5, 9, 100), at(6, 9, 100), false},
		{at(5, 9, 100), at(5, 10, 100), false},
		{at(5, 9, 100), at(5, 9, 101+flatSlack), false},
		{at(5, 9, 1<<40), at(5, 9, 0), true},
	} {
		if err := Flat(c.first, c.last); (err == nil) != c.flat {
			t.Errorf("Flat(%+v, %+v) = %v, want flat to be %v", c.first, c.last, err, c.flat)
		}
	}
}

func TestLoad(t *testing.T) {
	b := open(t, "cpu")
	const waste = 96 << 20
	var overheads []int64
	for _, size := range []int{1, waste} {
		m, r, err := Load(b, func(progress func(done, total int64)) (*falconmamba.Model, error) {
			held := make([]byte, size)
			for i := range held {
				held[i] = 1
			}
			time.Sleep(3 * sampleEvery)
			m, err := falconmamba.Open(context.Background(), "../checkpoint/testdata/sharded",
				&falconmamba.Options{Device: b, Load: model.LoadOptions{Progress: progress}})
			held[0] = 2
			return m, err
		})
		if err != nil {
			t.Fatal(err)
		}
		if r.Largest <= 0 || r.Stats.Live <= 0 || !(r.Seconds > 0) || r.Limit() != r.Largest+200<<20 {
			t.Errorf("report is %+v", r)
		}
		if _, ok := procmem.Read(); ok != r.Measured {
			t.Errorf("measured is %v where the system says %v", r.Measured, ok)
		}
		overheads = append(overheads, r.Overhead)
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok := procmem.Read(); ok && overheads[1]-overheads[0] < waste*8/10 {
		t.Errorf("overheads are %d and, with %d bytes more held, %d", overheads[0], waste, overheads[1])
	}
	broken := errors.New("broken")
	fails := func(func(done, total int64)) (*falconmamba.Model, error) { return nil, broken }
	if _, _, err := Load(b, fails); !errors.Is(err, broken) {
		t.Errorf("Load = %v, want %v", err, broken)
	}
}
