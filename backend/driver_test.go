package backend_test

import (
	"errors"
	"slices"
	"testing"

	. "falconmamba/backend"
)

// A kindOfDevice is a driver of the tests.
type kindOfDevice struct {
	infos  []Info
	listed error
	open   error
}

func (k kindOfDevice) Devices() ([]Info, error) { return k.infos, k.listed }

func (k kindOfDevice) Open(n int, o Options) (Backend, error) {
	if k.open != nil {
		return nil, k.open
	}
	if n >= len(k.infos) {
		return nil, errors.New("there is no such device")
	}
	return &device{info: k.infos[n]}, nil
}

// linked makes these the program's drivers for a test.
func linked(t *testing.T, some map[string]Driver) {
	before := SwapDrivers(some)
	t.Cleanup(func() { SwapDrivers(before) })
}

func devicesOf(infos ...Info) Driver { return kindOfDevice{infos: infos} }

// classed is a device that ranks as its class does.
func classed(name string, c Class) Info { return Info{Name: name, Class: c, Rank: c.Rank()} }

var (
	onCPU    = devicesOf(Info{Name: "cpu", Class: Host, Rank: RankHost})
	onRef    = devicesOf(Info{Name: "ref", Class: Host})
	onMetal  = devicesOf(Info{Name: "metal", Class: Integrated, Rank: RankNative})
	onVulkan = devicesOf(classed("vulkan:0", Software), classed("vulkan:1", Integrated),
		classed("vulkan:2", Discrete))
	onSoftware = devicesOf(classed("vulkan:0", Software))
	onBroken   = kindOfDevice{listed: errors.New("vulkan: no loader"), open: errors.New("vulkan: no loader")}
)

// Kernels that the processor does not have are an error, not another device.
func TestOpenWithoutTheKernels(t *testing.T) {
	broken := kindOfDevice{infos: []Info{{Name: "cpu", Class: Host, Rank: RankHost}}, open: errors.New("no such kernels")}
	linked(t, map[string]Driver{"cpu": broken, "ref": onRef})
	if b, err := Open("auto", Options{Kernels: "nope"}); err == nil || err.Error() != "no such kernels" {
		t.Errorf("%v, %v, want the error", b, err)
	}
	if b, err := Open("auto", Options{}); err != nil || b.Info().Name != "ref" {
		t.Errorf("%v, %v, want ref", b, err)
	}
}

func TestOpen(t *testing.T) {
	all := map[string]Driver{"cpu": onCPU, "ref": onRef, "metal": onMetal, "vulkan": onVulkan}
	for _, c := range []struct {
		name    string
		drivers map[string]Driver
		want    string // the device's name, or the error
	}{
		{"", all, "metal"},
		{"auto", all, "metal"},
		{"", map[string]Driver{"cpu": onCPU, "ref": onRef, "vulkan": onVulkan}, "vulkan:2"},
		{"", map[string]Driver{"cpu": onCPU, "ref": onRef, "vulkan": onSoftware}, "cpu"},
		{"", map[string]Driver{"ref": onRef, "vulkan": onSoftware}, "ref"},
		{"", map[string]Driver{"cpu": onCPU, "ref": onRef, "vulkan": onBroken}, "cpu"},
		{"", map[string]Driver{"cpu": kindOfDevice{infos: []Info{{Name: "cpu", Rank: RankHost}},
			open: errors.New("no")}, "ref": onRef}, "ref"},
		{"cpu", all, "cpu"},
		{"vulkan", all, "vulkan:0"},
		{"vulkan:2", all, "vulkan:2"},
		{"vulkan:3", all, "there is no such device"},
		{"vulkan:-1", all, `backend "vulkan:-1": "-1" is not a device number: want vulkan:0, vulkan:1 …`},
		{"vulkan:x", all, `backend "vulkan:x": "x" is not a device number: want vulkan:0, vulkan:1 …`},
		{"vulkan:", all, `backend "vulkan:": "" is not a device number: want vulkan:0, vulkan:1 …`},
		{"cuda", map[string]Driver{"cpu": onCPU, "ref": onRef}, `unknown backend "cuda": it has cpu, ref`},
		{"cuda:1", map[string]Driver{"cpu": onCPU, "ref": onRef},
			`unknown backend "cuda:1": it has cpu, ref`},
		{"", map[string]Driver{"vulkan": onBroken}, "vulkan: no loader"},
		{"", nil, "no backend is linked into this program: import falconmamba/backend/all"},
	} {
		linked(t, c.drivers)
		b, err := Open(c.name, Options{})
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = b.Info().Name
		}
		if got != c.want {
			t.Errorf("Open(%q) with %d drivers: %s, want %s", c.name, len(c.drivers), got, c.want)
		}
	}
}

func TestDevices(t *testing.T) {
	linked(t, map[string]Driver{"cpu": onCPU, "ref": onRef, "metal": onMetal, "vulkan": onVulkan, "broken": onBroken})
	infos, err := Devices()
	if err == nil || err.Error() != "vulkan: no loader" {
		t.Errorf("a driver that is broken is not told: %v", err)
	}
	var got []string
	for _, i := range infos {
		got = append(got, i.Name)
	}
	if want := []string{"metal", "vulkan:2", "vulkan:1", "cpu", "vulkan:0", "ref"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestRegister(t *testing.T) {
	linked(t, map[string]Driver{})
	Register("vulkan", onVulkan)
	Register("cpu", onCPU)
	if got, want := Drivers(), []string{"cpu", "vulkan"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("a name can be registered twice")
		}
	}()
	Register("cpu", onCPU)
}
