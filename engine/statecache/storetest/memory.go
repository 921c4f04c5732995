package storetest

import (
	"context"
	"io/fs"
	"maps"
	"sync"
)

// A Memory is a store that ends with its process, for tests that hold writes up, let calls fail, or look at
// what is there.
type Memory struct {
	mu       sync.Mutex
	values   map[string][]byte
	put, get func() error
}

// NewMemory returns an empty one.
func NewMemory() *Memory { return &Memory{values: map[string][]byte{}} }

// Puts has writes do what put says first, nil for nothing.
func (m *Memory) Puts(put func() error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put = put
}

// Gets has reads do what get says first, nil for nothing.
func (m *Memory) Gets(get func() error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.get = get
}

// Now returns a store with what is there: what another machine finds if this one is gone.
func (m *Memory) Now() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	return &Memory{values: maps.Clone(m.values)}
}

// Len returns how many values there are.
func (m *Memory) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.values)
}

// Each has do change every value.
func (m *Memory) Each(do func(value []byte) []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, v := range m.values {
		m.values[name] = do(append([]byte(nil), v...))
	}
}

// first calls what a test wants to come first.
func (m *Memory) first(of *func() error) error {
	m.mu.Lock()
	do := *of
	m.mu.Unlock()
	if do == nil {
		return nil
	}
	return do()
}

// Put is Store's.
func (m *Memory) Put(_ context.Context, name string, value []byte) error {
	if err := m.first(&m.put); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.values[name] = value
	return nil
}

// Get is Store's.
func (m *Memory) Get(_ context.Context, name string) ([]byte, error) {
	if err := m.first(&m.get); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.values[name]; ok {
		return v, nil
	}
	return nil, fs.ErrNotExist
}

// First is Store's.
func (m *Memory) First(_ context.Context, names []string) (int, error) {
	if err := m.first(&m.get); err != nil {
		return -1, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, n := range names {
		if _, ok := m.values[n]; ok {
			return i, nil
		}
	}
	return -1, nil
}

// Remove is Store's.
func (m *Memory) Remove(_ context.Context, name string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, ok := m.values[name]
	delete(m.values, name)
	return ok, nil
}
