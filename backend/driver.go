package backend

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// A Driver opens the devices of one kind.
type Driver interface {
	// Devices lists what is present, without opening it. No device is not an
	// error; a broken installation is, and Open and the listings show it.
	Devices() ([]Info, error)
	// Open opens device n of that list.
	Open(n int, o Options) (Backend, error)
}

// A KernelNamer is a Driver whose devices take Options.Kernels.
type KernelNamer interface {
	// CheckKernels returns an error that lists the names there are where name is none of them.
	CheckKernels(name string) error
}

// Options are what a caller may want of any device. The zero value suits most.
// Drivers take them from here and from nowhere else, such as the environment.
type Options struct {
	Threads int // workers of a host device; 0 takes all cores

	// Kernels names the inner loops of a host device, as Info.Features does; ""
	// takes the best that the processor runs. Open refuses a name that no driver has,
	// though it is for a device without such names.
	Kernels string

	// Unfused has Supports refuse every fused operation, so that all is lowered
	// to primitives: it tells a fault of a fused kernel from others.
	Unfused bool

	// BatchInvariant asks for batch invariance, see the package comment, where a device has it
	// at a price only. Info.BatchInvariant says whether the device that was opened has it.
	BatchInvariant bool
}

var (
	driversMu sync.RWMutex
	drivers   = map[string]Driver{}
)

// Register makes a driver available under name. It is meant for init functions
// and panics when the name is taken, which is a fault of the program.
func Register(name string, d Driver) {
	driversMu.Lock()
	defer driversMu.Unlock()
	if _, dup := drivers[name]; dup {
		panic("backend: Register called twice for " + name)
	}
	drivers[name] = d
}

// Drivers returns the names of the drivers that are linked in, sorted.
func Drivers() []string {
	driversMu.RLock()
	defer driversMu.RUnlock()
	names := make([]string, 0, len(drivers))
	for name := range drivers {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Devices lists the devices of every driver, by falling Info.Rank, and what kept
// a driver from listing its own.
func Devices() ([]Info, error) {
	var all []Info
	var errs []error
	for _, name := range Drivers() {
		infos, err := driver(name).Devices()
		if err != nil {
			errs = append(errs, err)
		}
		all = append(all, infos...)
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Rank > all[j].Rank })
	return all, errors.Join(errs...)
}

func driver(name string) Driver {
	driversMu.RLock()
	defer driversMu.RUnlock()
	return drivers[name]
}

// Open opens a device by name: "cpu", "ref", "vulkan", "vulkan:1". The empty
// name and "auto" take the device of the highest Info.Rank that opens. A GPU driver that runs on
// the processor is opened only by its name.
func Open(name string, o Options) (Backend, error) {
	if name == "" || name == "auto" {
		return openBest(o)
	}
	kind, num, numbered := strings.Cut(name, ":")
	d := driver(kind)
	if d == nil {
		unknown := "unknown backend"
		if kind == "vulkan" || kind == "metal" {
			unknown = "this program is built without the backend"
		}
		return nil, fmt.Errorf("%s %q: it has %s%s", unknown, name, strings.Join(Drivers(), ", "), lacks)
	}
	n := 0
	if numbered {
		var err error
		if n, err = strconv.Atoi(num); err != nil || n < 0 {
			return nil, fmt.Errorf("backend %q: %q is not a device number: want %s:0, %s:1 …", name, num, kind, kind)
		}
	}
	if err := checkKernels(o.Kernels); err != nil {
		return nil, err
	}
	return d.Open(n, o)
}

// checkKernels returns the error of kernels that some drivers name and none has.
func checkKernels(name string) error {
	if name == "" {
		return nil
	}
	var errs []error
	for _, kind := range Drivers() {
		k, ok := driver(kind).(KernelNamer)
		if !ok {
			continue
		}
		err := k.CheckKernels(name)
		if err == nil {
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func openBest(o Options) (Backend, error) {
	if err := checkKernels(o.Kernels); err != nil {
		return nil, err
	}
	infos, err := Devices()
	errs := []error{err}
	for _, i := range infos {
		if i.Class == Software {
			continue
		}
		b, err := Open(i.Name, o)
		if err == nil || o.Kernels != "" && i.Class == Host {
			return b, err // no device without them takes the place of the one that was to have them
		}
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return nil, errors.New("no backend is linked into this program: import falconmamba/backend/all")
}
