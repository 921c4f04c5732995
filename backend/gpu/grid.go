package gpu

// over returns how many groups of n cover count.
func over(count, n int) int { return (count + n - 1) / n }

// powerOfTwo returns the least that is not below n.
func powerOfTwo(n int) int {
	p := 1
	for p < n {
		p *= 2
	}
	return p
}

// AlignUp rounds n up to a multiple of align.
func AlignUp(n, align int64) int64 { return (n + align - 1) / align * align }

// width is the invocations of a workgroup of the kernels that go along a row.
const width = 64

// workgroup is the size of a workgroup that has n things to do, and at most
// most invocations: a power of two that the device takes.
func (d *Target) workgroup(n, most int) int {
	size := width
	for most = min(most, d.Invocations); size < n && 2*size <= most; {
		size *= 2
	}
	return size
}
