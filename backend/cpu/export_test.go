package cpu

// Kernels returns the names of the sets that this processor has, the best first.
func Kernels() (names []string) {
	for _, k := range kernelsHere() {
		names = append(names, k.name)
	}
	return names
}
