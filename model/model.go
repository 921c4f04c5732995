package model

import (
	"errors"
	"fmt"

	"falconmamba/backend"
	"falconmamba/checkpoint"
)

// A Model is a checkpoint's weights laid out on a device. It is read-only once
// it is loaded, and safe for concurrent use.
type Model struct {
	cfg *checkpoint.Config
	b   backend.Backend
	act backend.Activation

	normEps, mixerEps float32
	bcdtNorm          bool // FalconMamba's norms on dt, B and C
	precision         backend.Precision
	halfRows          int               // Info.HalfRows: passes of this many rows or more may use precision
	decodePrecision   backend.Precision // of passes of fewer rows

	embed, head backend.Weight
	normF       backend.Tensor // (1, H)
	blocks      []block
	weights     []backend.Weight
	notes       []string
	bufs        []backend.Buffer
}

// Config returns the model's configuration, which must not be changed.
func (m *Model) Config() *checkpoint.Config { return m.cfg }

// Notes says what the device made of the weights otherwise than they are stored:
// lines for people who ask for details.
func (m *Model) Notes() []string { return m.notes }

// Backend returns the device that the model runs on.
func (m *Model) Backend() backend.Backend { return m.b }

// arithmetic is the version of what a pass computes. It is another where states that were
// computed before are no longer what would be computed now.
const arithmetic = 2

// FewInFloat reports whether passes of few rows keep activations in float32.
func (m *Model) FewInFloat() bool { return m.decodePrecision == backend.Float }

// Arithmetic names what states depend on beside the checkpoint: what products may round to,
// and the version of all that is computed. States of another arithmetic are not gone on from.
func (m *Model) Arithmetic() string {
	return fmt.Sprintf("%d %v %v", arithmetic, m.precision, m.decodePrecision)
}

// Close frees the model on its device, which stays open. Plans that it compiled
// must be closed before.
func (m *Model) Close() error {
	var errs []error
	for _, w := range m.weights {
		errs = append(errs, w.Close())
	}
	for _, b := range m.bufs {
		errs = append(errs, b.Close())
	}
	m.weights, m.bufs = nil, nil
	return errors.Join(errs...)
}
