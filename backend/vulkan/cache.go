//go:build cgo && !darwin

package vulkan

// #include "vk.h"
import "C"

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"unsafe"
)

// A cache is the driver's pipeline cache, kept between runs in the user's cache
// folder: compiling every kernel takes some drivers seconds. A file that cannot
// be read or written only costs that time.
type cache struct {
	handle uint64
	path   string // "" where there is no folder
	loaded int    // bytes read
}

// maxCache bounds what is read of a file that may be anything.
const maxCache = 64 << 20

func (d *device) openCache() error {
	if dir, err := os.UserCacheDir(); err == nil {
		p := d.physical
		d.cache.path = filepath.Join(dir, "falconmamba",
			fmt.Sprintf("vulkan-%x-%x.cache", p.driver_uuid, p.device_uuid))
	}
	data := readCache(d.cache.path)
	if !d.ownCache(data) {
		data = nil
	}
	var h C.uint64_t
	var at unsafe.Pointer
	if len(data) > 0 {
		at = unsafe.Pointer(&data[0])
	}
	r := C.fm_cache(d.c, at, C.uint64_t(len(data)), &h)
	if r != 0 && at != nil {
		data = nil
		r = C.fm_cache(d.c, nil, 0, &h)
	}
	if r != 0 {
		return d.fail("vkCreatePipelineCache", r)
	}
	d.cache.handle, d.cache.loaded = uint64(h), len(data)
	return nil
}

func readCache(path string) []byte {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > maxCache {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return data
}

// ownCache reports whether data begins with this driver's header (Vulkan
// specification, VkPipelineCacheHeaderVersionOne): drivers should check it too.
func (d *device) ownCache(data []byte) bool {
	if len(data) < 32 {
		return false
	}
	word := func(i int) uint32 { return binary.LittleEndian.Uint32(data[4*i:]) }
	for i, b := range d.physical.cache_uuid {
		if data[16+i] != byte(b) {
			return false
		}
	}
	return word(0) >= 32 && word(1) == 1 && word(2) == uint32(d.physical.vendor) && word(3) == uint32(d.physical.device)
}

// closeCache saves what was compiled, if that is more than was loaded. The file
// appears whole or not at all, whoever else writes it.
func (d *device) closeCache() {
	if d.cache.handle == 0 {
		return
	}
	defer C.fm_free_cache(d.c, C.uint64_t(d.cache.handle))
	if d.cache.path == "" || d.lost != nil {
		return
	}
	var n C.uint64_t
	if r := C.fm_cache_data(d.c, C.uint64_t(d.cache.handle), nil, &n); r != 0 || n == 0 || n > maxCache ||
		int(n) <= d.cache.loaded {
		return
	}
	data := make([]byte, n)
	if r := C.fm_cache_data(d.c, C.uint64_t(d.cache.handle), unsafe.Pointer(&data[0]), &n); r != 0 {
		return
	}
	dir := filepath.Dir(d.cache.path)
	if os.MkdirAll(dir, 0o755) != nil {
		return
	}
	f, err := os.CreateTemp(dir, "vulkan-*.tmp")
	if err != nil {
		return
	}
	_, err = f.Write(data[:n])
	if f.Close() != nil || err != nil || os.Rename(f.Name(), d.cache.path) != nil {
		os.Remove(f.Name())
	}
}
