package cli

import (
	"os"

	"falconmamba"
	"falconmamba/backend"
)

// What the environment says of devices. The packages below do not look there:
// $FM_BACKEND is the device where no flag names one, $FM_KERNELS names the
// kernels of the processor, and $FM_FUSE=0 is for telling a fault of a fused
// kernel from others.

// OpenDevice opens the device that --backend names, with --threads of it.
func OpenDevice(name string, threads int) (backend.Backend, error) {
	name, err := BackendName(name, "")
	if err != nil {
		return nil, err
	}
	return backend.Open(name, backend.Options{Threads: threads, Kernels: kernels(), Unfused: unfused()})
}

// Environment adds to o, which names a device by BackendName, what else the
// environment says of it.
func Environment(o *falconmamba.Options) { o.Kernels, o.Unfused = kernels(), unfused() }

func kernels() string { return os.Getenv("FM_KERNELS") }

func unfused() bool { return os.Getenv("FM_FUSE") == "0" }
