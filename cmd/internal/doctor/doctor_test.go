package doctor

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"falconmamba/backend"
	_ "falconmamba/backend/cpu"
	"falconmamba/bench"
)

// The processor computes what it should, in every format, and is timed.
func TestCheck(t *testing.T) {
	var at []string
	r, err := Check(context.Background(), Options{Within: time.Hour, Doing: func(what string) { at = append(at, what) },
		Open: func(name string) (backend.Backend, error) { return backend.Open(name, backend.Options{}) }})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(at, ","); got != "cpu" || len(r.Devices) != 2 {
		t.Errorf("it was at %s, and found %d devices", got, len(r.Devices))
	}
	for _, d := range r.Devices {
		if d.Reference() {
			if d.Skipped == "" || d.Numbers != nil {
				t.Errorf("the reference was checked: %+v", d)
			}
			continue
		}
		if len(d.Numbers) != len(formats) || d.Speed.Expected == 0 || d.Speed.Fault != "" ||
			!(d.Speed.Read.Median > 0 && d.Speed.Write.Median > 0 && d.Speed.Copies > 0 && d.Speed.Later > 0) {
			t.Errorf("%+v", d)
		}
		for _, n := range d.Numbers {
			if n.Wrong() || n.Limit <= 0 {
				t.Errorf("%+v", n)
			}
		}
	}
}

// A device that cannot be opened is told, with the reason and as what to look at. Nothing is left of a run that was
// interrupted.
func TestBrokenDevice(t *testing.T) {
	broken := func(string) (backend.Backend, error) { return nil, errors.New("the cable is out") }
	r, err := Check(context.Background(), Options{Open: broken, Doing: func(string) {}})
	if err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(r.Advice, "\n"); !strings.Contains(all, "cpu: it cannot be opened: the cable is out") {
		t.Errorf("the advice is %s", all)
	}
	if r, err = Check(context.Background(), Options{Open: broken, Only: []string{"vulkan"}}); err != nil ||
		r.Devices[0].Skipped != "nobody asked for it" {
		t.Errorf("what nobody asked for: %+v, %v", r, err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Check(ended, Options{Open: broken, Doing: func(string) {}}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

func TestWrong(t *testing.T) {
	for _, c := range []struct {
		n    Numbers
		want bool
	}{
		{Numbers{Got: 1e-5, Limit: 1e-4}, false}, {Numbers{Got: 1e-4, Limit: 1e-4}, false},
		{Numbers{Got: 2e-4, Limit: 1e-4}, true}, {Numbers{Got: math.NaN(), Limit: 1}, true},
		{Numbers{Limit: 1, Fault: "a NaN"}, true},
	} {
		if got := c.n.Wrong(); got != c.want {
			t.Errorf("%+v is wrong: %t", c.n, got)
		}
	}
}

// What is said follows from what was found, and nothing is said of a device that is as it should be.
func TestAdvice(t *testing.T) {
	loadFile, governorFile = "/none", "/none"
	card := func(change func(*Device)) *Report {
		d := Device{Info: backend.Info{Name: "vulkan:0", Device: "NVIDIA H200", Class: backend.Discrete,
			Features: []string{"dot-product", "cooperative-matrix"}},
			Numbers: []Numbers{{What: "float32", Got: 1e-6, Limit: 1e-4}},
			Speed:   Speed{Copies: 4e12, Later: 1, Read: bench.Rate{Median: 1}}}
		d.Speed.Expected, d.Speed.Why = expected(d.Info)
		change(&d)
		return &Report{Devices: []Device{d}}
	}
	for _, c := range []struct {
		change func(*Device)
		want   string
	}{
		{func(*Device) {}, ""},
		{func(d *Device) { d.Numbers[0].Got = 1 }, "vulkan:0 computes something else (float32)"},
		{func(d *Device) { d.Speed.Copies = 1e12 }, "copies 1e+03 GB/s, where at least 2.88e+03 are expected (60 % of the 4800"},
		{func(d *Device) { d.Speed.Later = 0.5 }, "copied at 50 % of its speed after some seconds"},
		{func(d *Device) { d.Features = d.Features[1:] }, "no integer dot products"},
		{func(d *Device) { d.Features = d.Features[:1] }, "no cooperative matrices"},
		{func(d *Device) { d.Warning = "built without cgo" }, "vulkan:0: built without cgo"},
		{func(d *Device) { d.Class = backend.Software }, "There is no GPU that can be used"},
		{func(d *Device) { d.Class = backend.Software }, "is a processor that answers as a GPU"},
		{func(d *Device) { d.Skipped = "it cannot be opened: no" }, "vulkan:0: it cannot be opened: no"},
	} {
		r := card(c.change)
		r.advise()
		if all := strings.Join(r.Advice, "\n"); c.want == "" && all != "" || !strings.Contains(all, c.want) {
			t.Errorf("the advice is %q, want %q", all, c.want)
		}
	}
	r := card(func(*Device) {})
	r.Faults, r.busy = []string{"vulkan: no loader"}, 3
	r.advise()
	if all := strings.Join(r.Advice, "\n"); !strings.Contains(all, "vulkan: no loader") || !strings.Contains(all, "is busy") {
		t.Errorf("the advice is %q", all)
	}
}

func TestSystem(t *testing.T) {
	dir := t.TempDir()
	loadFile, governorFile = filepath.Join(dir, "load"), filepath.Join(dir, "governor")
	if load() != 0 || governor() != "" {
		t.Error("something is known of a system that says nothing")
	}
	for name, text := range map[string]string{loadFile: "x y", governorFile: "powersave\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if load() != 0 || governor() != "powersave" {
		t.Errorf("load %g, governor %q", load(), governor())
	}
	if err := os.WriteFile(loadFile, []byte("6000.0 1 1 1/2 3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if load() < 1 {
		t.Errorf("load %g", load())
	}
}

func TestExpected(t *testing.T) {
	for _, c := range []struct {
		info backend.Info
		want float64
	}{
		{backend.Info{Class: backend.Discrete, Device: "AMD Radeon RX 7900 XTX (RADV NAVI31)"}, 576e9},
		{backend.Info{Class: backend.Discrete, Device: "another"}, 100e9},
		{backend.Info{Class: backend.Integrated}, 15e9}, {backend.Info{Class: backend.Host, Device: "H200"}, 5e9},
		{backend.Info{Class: backend.Software, Device: "llvmpipe"}, 0},
		// of names that begin alike the longest counts, and parts of words do not
		{backend.Info{Class: backend.Discrete, Device: "AMD Radeon RX 7900 XT (RADV NAVI31)"}, 480e9},
		{backend.Info{Class: backend.Discrete, Device: "NVIDIA GeForce RTX 4070 Ti SUPER"}, 403.2e9},
		{backend.Info{Class: backend.Discrete, Device: "NVIDIA GeForce RTX 4070 Ti"}, 302.4e9},
		{backend.Info{Class: backend.Discrete, Device: "NVIDIA GeForce RTX 4090 Laptop GPU"}, 100e9},
		{backend.Info{Class: backend.Discrete, Device: "AMD Radeon RX 6600M (RADV NAVI23)"}, 100e9},
		{backend.Info{Class: backend.Discrete, Device: "NVIDIA L40S"}, 518.4e9},
		{backend.Info{Class: backend.Discrete, Device: "Intel(R) Arc(TM) A770 Graphics (DG2)"}, 307.2e9},
		{backend.Info{Class: backend.Integrated, Device: "AMD Radeon 890M Graphics (RADV STRIX1)"}, 54e9},
		{backend.Info{Class: backend.Integrated, Device: "Apple M4 Max"}, 246e9},
	} {
		if got, why := expected(c.info); math.Abs(got-c.want) > 1 || (why == "") != (c.want == 0) {
			t.Errorf("%+v: %g, %q, want %g", c.info, got, why, c.want)
		}
	}
}
