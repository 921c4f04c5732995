package falconmamba

import (
	"context"

	"falconmamba/backend"
)

// Profile runs one pass over batch sequences of rows tokens each, which draws a
// token for every sequence, and returns the device time of each operation. With
// one row it is a step of decoding. The device is warmed up first. Backends
// that cannot tell give backend.ErrUnsupported.
func (m *Model) Profile(ctx context.Context, rows, batch int) ([]backend.OpTime, error) {
	return m.e.Profile(ctx, rows, batch)
}
