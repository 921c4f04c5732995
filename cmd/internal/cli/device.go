package cli

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"falconmamba/backend"
)

// What the environment says of devices. The packages below do not look there:
// $FM_BACKEND is the device where no flag names one, $FM_KERNELS names the
// kernels of the processor, and $FM_FUSE=0 is for telling a fault of a fused
// kernel from others.

// OpenDevice opens the device that --backend names, with --threads of it, and with
// --batch-invariant.
func OpenDevice(name string, threads int, invariant bool) (backend.Backend, error) {
	name, err := BackendName(name, "")
	if err != nil {
		return nil, err
	}
	o, err := DriverOptions(threads, invariant)
	if err != nil {
		return nil, err
	}
	return backend.Open(name, o)
}

// DriverOptions are the options of a device with --threads and --batch-invariant, and with
// what else the environment says of it.
func DriverOptions(threads int, invariant bool) (backend.Options, error) {
	o := backend.Options{Threads: threads, BatchInvariant: invariant, Kernels: os.Getenv("FM_KERNELS")}
	switch fuse := os.Getenv("FM_FUSE"); fuse {
	case "", "1":
	case "0":
		o.Unfused = true
	default:
		return o, Usagef("FM_FUSE is %.40q: want 0, which lowers fused operations, or 1", fuse)
	}
	return o, nil
}

// AboutInvariant is what --batch-invariant is for.
const AboutInvariant = "with --precision f32 no text depends on others beside it, or on --chunk; on a GPU\n" +
	"prompts are read slower for it, a processor always does so"

func drivers() []string { return backend.Drivers() }

// CheckBackend returns the error of a backend that this program does not have, without opening any.
func CheckBackend(name string) error {
	kind, _, _ := strings.Cut(name, ":")
	if name == "" || name == "auto" || slices.Contains(drivers(), kind) {
		return nil
	}
	_, err := backend.Open(name, backend.Options{})
	return err
}

// deviceCalled finds the one device of a backend, or of any, that is called so.
func deviceCalled(part, of string, any bool) (string, error) {
	infos, err := backend.Devices()
	var found, all []string
	for _, i := range infos {
		kind, _, _ := strings.Cut(i.Name, ":")
		if !any && of != kind && of != i.Name {
			continue
		}
		all = append(all, fmt.Sprintf("%s (%s)", i.Name, i.Device))
		if strings.Contains(strings.ToLower(i.Device), strings.ToLower(part)) {
			found = append(found, i.Name)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(all) == 0 && err != nil:
		return "", err
	case len(found) == 0:
		return "", Usagef("no device is called %q: there are %s", part, strings.Join(all, ", "))
	}
	return "", Usagef("%q is part of the names of several devices: give one of %s", part, strings.Join(found, ", "))
}
