package cli

import (
	"os"

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
	return backend.Open(name, DriverOptions(threads))
}

// DriverOptions are the options of a device with --threads, and with what else the
// environment says of it.
func DriverOptions(threads int) backend.Options {
	return backend.Options{Threads: threads, Kernels: os.Getenv("FM_KERNELS"), Unfused: os.Getenv("FM_FUSE") == "0"}
}
