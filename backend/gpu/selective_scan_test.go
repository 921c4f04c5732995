package gpu

import (
	"testing"

	"falconmamba/backend"
)

// The tile of a scan fits the device's shared memory whatever the channels and states, leaves room for four
// workgroups where one could have all of a core's, and is the one that is wanted where there is room.
func TestScanTile(t *testing.T) {
	op := func(rows, channels, states, sequences int) backend.SelectiveScan {
		m := func(rows, cols int) backend.Tensor { return backend.Tensor{Type: backend.F32, Rows: rows, Cols: cols} }
		return backend.SelectiveScan{Dst: m(rows, channels), A: m(channels, states), Batch: m(sequences+1, 8)}
	}
	for _, shared := range []int{16 << 10, 32 << 10, 48 << 10, 64 << 10} {
		d := &Target{Shared: shared, Invocations: 256, SubgroupMin: 32}
		most := shared
		if shared == 64<<10 {
			most /= 4
		}
		for _, channels := range []int{1, 33, 512, 8192} {
			for _, states := range []int{1, 5, 16, 17, 64} {
				for _, rows := range []int{16, 512} {
					for _, sequences := range []int{1, rows} {
						s := d.scanTile(op(rows, channels, states, sequences))
						if s.shared() > most {
							t.Errorf("%d bytes of shared memory: %+v takes %d", shared, s, s.shared())
						}
						if s.channels%4 != 0 || s.steps%4 != 0 || 16*s.quads < states || sequences == rows && s.steps != 4 {
							t.Errorf("%d rows of %d sequences, %d channels, %d states: %+v", rows, sequences, channels, states, s)
						}
					}
				}
			}
		}
		want := map[int]int{16 << 10: 16, 32 << 10: 32, 48 << 10: 32, 64 << 10: 16}[shared]
		if s := d.scanTile(op(512, 8192, 16, 1)); s.steps != want || s.size() != 128 {
			t.Errorf("%d bytes of shared memory: %+v, want %d rows and 128 invocations", shared, s, want)
		}
	}
	d := &Target{Shared: 48 << 10, Invocations: 256, SubgroupMin: 16, Registers: 128}
	if s := d.scanTile(op(512, 8192, 16, 1)); s.steps != 16 {
		t.Errorf("few registers: %+v, want 16 rows", s)
	}
}
