package doctor

import (
	"fmt"
	"slices"
	"strings"

	"falconmamba/backend"
)

// Parts of a maker's bandwidth that copies should reach: one far below shows a low clock or another program.
const ofMaker = 0.6

// expected is how fast such a device should copy at least, in bytes a second, and who says so. Of a device that runs on
// the processor nothing is expected.
func expected(i backend.Info) (rate float64, why string) {
	if rate := maker(i.Device); rate > 0 && i.Class != backend.Host && i.Class != backend.Software {
		return ofMaker * rate * 1e9, fmt.Sprintf("%.0f %% of the %.0f GB/s that its maker gives", 100*ofMaker, rate)
	}
	switch i.Class {
	case backend.Discrete:
		return 100e9, "slower cards of their own memory are rare"
	case backend.Integrated:
		return 15e9, "two channels of DDR4 do more"
	case backend.Host:
		return 5e9, "two channels of DDR3 do more"
	}
	return 0, ""
}

// advise says what to do about what was found.
func (r *Report) advise() {
	say := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(r.Advice, text) {
			r.Advice = append(r.Advice, text)
		}
	}
	gpu := false
	for _, d := range r.Devices {
		gpu = gpu || d.Class != backend.Host && d.Class != backend.Software
		for _, n := range d.Numbers {
			if n.Wrong() {
				say("%s computes something else (%s): do not use it, and report it. If FM_FUSE=0 helps, say so: it "+
					"tells a fault of one kernel from others.", d.Name, n.What)
			}
		}
	}
	for _, d := range r.Devices {
		r.adviseOn(d, say)
	}
	for _, f := range r.Faults {
		say("a driver does not list its devices: %s", f)
	}
	if !gpu {
		say("There is no GPU that can be used: with one in the machine, install its maker's Vulkan driver (on Debian " +
			"mesa-vulkan-drivers for AMD and Intel, nvidia-vulkan-icd for NVIDIA); in a container hand on /dev/dri, " +
			"or NVIDIA's graphics capability.")
	}
	if r.busy > 0.5 {
		say("The machine is busy (%.1f programs for each core): speeds are lower than they could be. Try again when "+
			"it is idle.", r.busy)
	}
	if g := governor(); g == "powersave" {
		say("The processor's clock is governed by powersave: speeds may be lower. Try cpupower frequency-set -g " +
			"performance.")
	}
}

func (r *Report) adviseOn(d Device, say func(string, ...any)) {
	switch {
	case d.Warning != "":
		say("%s: %s", d.Name, d.Warning)
	case strings.HasPrefix(d.Skipped, "it cannot be opened"):
		say("%s: %s", d.Name, d.Skipped)
	}
	if d.Class == backend.Software {
		say("%s is a processor that answers as a GPU, for tests: auto does not take it, and cpu is many times "+
			"faster.", d.Name)
		return
	}
	if d.Class != backend.Host && !slices.Contains(d.Features, "dot-product") && strings.HasPrefix(d.Name, "vulkan") {
		say("%s has no integer dot products: packed weights are multiplied slower. A newer driver may have them.",
			d.Name)
	}
	if d.Class != backend.Host && !slices.Contains(d.Features, "cooperative-matrix") &&
		strings.HasPrefix(d.Name, "vulkan") {
		say("%s has no cooperative matrices: prompts are read slower. A newer driver may have them.", d.Name)
	}
	s := d.Speed
	if s.Copies > 0 && s.Copies < s.Expected {
		say("%s copies %.3g GB/s, where at least %.3g are expected (%s): look for a program that uses it, and for a "+
			"clock that is held down.", d.Name, s.Copies/1e9, s.Expected/1e9, s.Why)
	}
	if s.Later > 0 && s.Later < 0.8 {
		say("%s copied at %.0f %% of its speed after some seconds of work: its clock falls, or something else runs.",
			d.Name, 100*s.Later)
	}
}
