package cpu

import (
	"fmt"
	"math"
	"sync"
	"unsafe"

	"falconmamba/backend"
)

// Alignment of every buffer and weight: a cache line, and the widest vector.
const alignment = 64

// Blocks from this size on come from the system, not from Go's heap: they are
// returned at Close and not at some collection, they do not double the heap's
// target, and a refusal is an error where Go's would end the program.
const pageBlock = 1 << 20

// A memory hands out zeroed blocks and counts them.
type memory struct {
	mu       sync.Mutex
	live     int64
	peak     int64
	imported int64

	totals func() (total, free int64) // bytes that the process may use at all, and those still free; 0, 0 if unknown
}

// A block is memory from a memory.
type block struct {
	data  []byte
	pages []byte // what the system gave; nil on Go's heap
}

// take returns size zeroed bytes for what.
func (m *memory) take(size int64, what string) (block, error) {
	if size < 0 {
		return block{}, fmt.Errorf("%s of %d bytes", what, size)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if size >= pageBlock {
		total, free := m.totals()
		if size > math.MaxInt-alignment || total > 0 && (size > free || size > total-m.live) {
			return block{}, fmt.Errorf("%s of %s: %s of %s are free: %w",
				what, mebibytes(size), mebibytes(free), mebibytes(total), backend.ErrOutOfMemory)
		}
	}
	var b block
	if size >= pageBlock {
		var err error
		if b.pages, err = mapPages(int(size)); err != nil {
			return block{}, fmt.Errorf("%s of %s: %v: %w", what, mebibytes(size), err, backend.ErrOutOfMemory)
		}
		b.data = b.pages[:size:size]
	} else {
		raw := make([]byte, size+alignment)
		skip := -uintptr(unsafe.Pointer(unsafe.SliceData(raw))) % alignment
		b.data = raw[skip:][:size:size]
	}
	m.live += size
	m.peak = max(m.peak, m.live)
	return b, nil
}

// give returns a block. The caller drops every reference to its data.
func (m *memory) give(b block) {
	if b.data == nil {
		return
	}
	if b.pages != nil {
		unmapPages(b.pages)
	}
	m.mu.Lock()
	m.live -= int64(len(b.data))
	m.mu.Unlock()
}

// roomFor reports whether size bytes may be taken that need not be: a quarter of the machine's memory is to be left.
func (m *memory) roomFor(size int64) bool {
	total, free := m.totals()
	return total > 0 && free-size >= total/4
}

func (m *memory) addImported(n int64) {
	m.mu.Lock()
	m.imported += n
	m.mu.Unlock()
}

func (m *memory) stats() backend.Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return backend.Stats{Live: m.live, Peak: m.peak, Imported: m.imported}
}

// mebibytes writes a size for people.
func mebibytes(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%d MiB", (n+1<<20-1)>>20)
}
