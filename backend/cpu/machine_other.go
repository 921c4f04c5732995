//go:build !(linux || darwin || windows)

package cpu

// processor returns the processor's own name, if it is known.
func processor() string { return "" }

// memoryTotals returns the bytes of the machine's memory and those still free;
// 0, 0 if unknown.
func memoryTotals() (total, free int64) { return 0, 0 }

func adviseHuge([]byte) {}
