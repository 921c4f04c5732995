package main

// #include "cgo.h"
import "C"

import (
	"unsafe"

	"falconmamba/backend"
)

//export fm_devices
func fm_devices(out ***C.fm_device, count *C.size_t, e *C.fm_error) C.fm_status {
	zero(out)
	zero(count)
	return call(e, func() error {
		if out == nil || count == nil {
			return invalid("devices or count is NULL")
		}
		infos, err := backend.Devices()
		if len(infos) == 0 && err != nil {
			return err
		}
		var b block
		index := put(&b, make([]unsafe.Pointer, len(infos)+1))
		devices := make([]offset, len(infos))
		texts := make([][5]offset, len(infos))
		for i, d := range infos {
			devices[i] = put(&b, []C.fm_device{{memory_total: C.int64_t(d.MemoryTotal),
				memory_free: C.int64_t(d.MemoryFree), threads: C.int32_t(d.Threads),
				software: flag(d.Class == backend.Software)}})
			for k, s := range []string{d.Name, d.Device, d.Driver, d.Class.String(), d.Warning} {
				texts[i][k] = b.text(oneLine(s))
			}
		}
		b.make()
		pointers := unsafe.Slice((**C.fm_device)(b.at(index)), len(infos)+1)
		for i := range infos {
			d := (*C.fm_device)(b.at(devices[i]))
			for k, field := range []**C.char{&d.name, &d.device, &d.driver, &d.kind, &d.warning} {
				*field = b.str(texts[i][k])
			}
			pointers[i] = d
		}
		*out, *count = (**C.fm_device)(b.at(index)), C.size_t(len(infos))
		return nil
	})
}

// flag is how C says whether.
func flag(b bool) C.int32_t {
	if b {
		return 1
	}
	return 0
}
