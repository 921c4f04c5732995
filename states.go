package falconmamba

import (
	"falconmamba/backend"
	"falconmamba/engine"
)

// States are the memory that the states of a model's sessions live in, for a
// program that reads them on the device: to draw them, say, without a copy to
// the host (see Locate of backend/vulkan). Each layer has a matrix with a row
// per state; a session moves from row to row as it reads, and Row says where it
// is. The program only reads.
//
// The memory stays until Close, which comes before the model's.
type States struct {
	// SSM has a matrix of each layer, (rows, intermediate_size·state_size), of the type that
	// Options.Engine asks for: float32 unless it does. A state is [D][N].
	SSM []backend.Tensor
	// Conv has a matrix of each layer of the same type, (rows, intermediate_size·(conv_kernel−1)). A state is
	// [D][K−1], oldest first. It is absent where K is 1.
	Conv []backend.Tensor

	m *Model
	s *engine.States
}

// States returns the memory where states are now. It may wait for the device.
func (m *Model) States() (*States, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	s, err := m.e.States()
	if err != nil {
		return nil, err
	}
	return &States{SSM: s.SSM, Conv: s.Conv, m: m, s: s}, nil
}

// Row returns the row of s's state. While s generates that is the state after the
// steps that were submitted, else that after all that s has read; row 0 is the state
// before the first token. ok is false where s is not in this memory: it is another
// model's, its state has moved to the host, where it stays until s is used, or states
// have outgrown the memory, as they may whenever one is made. For the last, close this
// one, once the device has done with it, and ask Model.States again.
//
// Row takes no lock and may be called from any goroutine at any time. What is in
// the row when the device comes to read it depends on what was submitted before.
// It is the whole state of one moment where the program holds the lock of the
// queue (Handles.Lock of backend/vulkan) from before Row until it has submitted
// what reads: all that fills the row has been submitted then, and nothing that
// overwrites it has. Otherwise it may be a later one, or a part of a later one
// where a pass is submitted in pieces.
func (t *States) Row(s *Session) (row int, ok bool) {
	row, ok = s.seq.Row()
	// In this order: only a session of the larger memory has rows beyond this one.
	if s.m != t.m || t.s.Moved() || !ok {
		return 0, false
	}
	return row, true
}

// Close lets the memory go, which nothing on the device may read any more. It may
// wait for the device.
func (t *States) Close() error { return t.s.Close() }
