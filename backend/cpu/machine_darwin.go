package cpu

import "golang.org/x/sys/unix"

// processor returns the processor's own name.
func processor() string {
	name, _ := unix.Sysctl("machdep.cpu.brand_string")
	return name
}

// memoryTotals returns the bytes of memory of the machine, and of those what
// this process may take: the system compresses and swaps, so that is all.
func memoryTotals() (total, free int64) {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0, 0
	}
	return int64(n), int64(n)
}

func adviseHuge([]byte) {}
