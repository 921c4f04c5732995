package cpu

import (
	"math"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// processor returns the processor's own name.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		key, value, ok := strings.Cut(line, ":")
		if ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// memoryTotals returns the bytes of memory that this process may use at all,
// and those still free; 0, 0 if unknown. Page cache that the kernel would give
// up counts as free. A control group's limit counts as the machine's.
func memoryTotals() (total, free int64) {
	var s unix.Sysinfo_t
	if unix.Sysinfo(&s) != nil {
		return 0, 0
	}
	unit := max(1, int64(s.Unit))
	total = int64(s.Totalram) * unit
	free = int64(s.Freeram+s.Bufferram) * unit
	if available, ok := memAvailable(); ok {
		free = available
	}
	if limit, used, ok := cgroupMemory(); ok && limit < total {
		total = limit
		free = min(free, max(0, limit-used))
	}
	return total, free
}

// memAvailable reads the kernel's own estimate (proc_meminfo(5)).
func memAvailable() (int64, bool) {
	info, _ := os.ReadFile("/proc/meminfo")
	for line := range strings.Lines(string(info)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "MemAvailable:" {
			kib, err := strconv.ParseInt(f[1], 10, 64)
			return kib << 10, err == nil && kib < math.MaxInt64>>10
		}
	}
	return 0, false
}

// cgroupMemory returns the limit of this process's control group (version 2,
// else 1) and what is used of it, page cache that can be dropped left out.
func cgroupMemory() (limit, used int64, ok bool) {
	for _, group := range []struct{ dir, limit, used string }{
		{"/sys/fs/cgroup/", "memory.max", "memory.current"},
		{"/sys/fs/cgroup/memory/", "memory.limit_in_bytes", "memory.usage_in_bytes"},
	} {
		limit, okLimit := readInt(group.dir + group.limit)
		used, okUsed := readInt(group.dir + group.used)
		if okLimit && okUsed {
			return limit, max(0, used-droppable(group.dir+"memory.stat")), true
		}
	}
	return 0, 0, false
}

// droppable returns the group's inactive page cache.
func droppable(path string) int64 {
	stat, _ := os.ReadFile(path)
	for line := range strings.Lines(string(stat)) {
		if f := strings.Fields(line); len(f) == 2 && f[0] == "inactive_file" {
			n, _ := strconv.ParseInt(f[1], 10, 64)
			return n
		}
	}
	return 0
}

func readInt(path string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}

// adviseHuge asks for large pages: streaming weights through 4 KiB pages costs
// a good part of the bandwidth in page table walks.
func adviseHuge(mem []byte) {
	if len(mem) >= 4<<20 {
		unix.Madvise(mem, unix.MADV_HUGEPAGE)
	}
}
