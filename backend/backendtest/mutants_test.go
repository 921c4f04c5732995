package backendtest

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"

	"falconmamba/backend"
	"falconmamba/backend/mamba"
	"falconmamba/backend/sampling"
	"falconmamba/internal/half"
)

var primitiveKinds = []backend.Kind{backend.KindEmbed, backend.KindGather, backend.KindRMSNorm, backend.KindMatMul,
	backend.KindConv1D,
	backend.KindSelectiveScan, backend.KindGate, backend.KindAdd, backend.KindCopy, backend.KindArgMax}

var rowKinds = slices.DeleteFunc(slices.Clone(primitiveKinds), func(k backend.Kind) bool {
	return k == backend.KindConv1D || k == backend.KindSelectiveScan
})

var floatKinds = slices.DeleteFunc(slices.Clone(primitiveKinds),
	func(k backend.Kind) bool { return k == backend.KindArgMax })

var (
	stateKinds  = []backend.Kind{backend.KindConv1D, backend.KindSelectiveScan}
	scanKind    = []backend.Kind{backend.KindSelectiveScan}
	biasKind    = []backend.Kind{backend.KindBias}
	sampleKind  = []backend.Kind{backend.KindSample}
	logProbKind = []backend.Kind{backend.KindLogProbs}
	advanceKind = []backend.Kind{backend.KindAdvance}
)

// Faults of operations. Every kind named must find the fault by its own cases.
var mutants = []*mutant{
	// Whatever the operation.
	{name: "rows beyond the live ones are written", kinds: rowKinds, op: func(m *mutant, op backend.Op) error {
		return m.then(op, func(w backend.Tensor) {
			if live := liveOf(op); !live.IsZero() {
				if n := int(words(live)[0]); n < w.Rows {
					poke(w, n, make([]uint32, w.Cols))
				}
			}
		})
	}},
	{name: "one word behind the output is written", kinds: primitiveKinds, op: func(m *mutant, op backend.Op) error {
		return m.then(op, func(w backend.Tensor) { pokeWord(w, (w.Rows-1)*w.Stride+w.Cols, 0) })
	}},
	{name: "one word before the output is written", kinds: primitiveKinds, op: func(m *mutant, op backend.Op) error {
		return m.then(op, func(w backend.Tensor) { pokeWord(w, -1, 0) })
	}},
	{name: "one word between rows is written", kinds: primitiveKinds, op: func(m *mutant, op backend.Op) error {
		return m.then(op, func(w backend.Tensor) {
			if w.Stride > w.Cols {
				pokeWord(w, w.Cols, 0)
			}
		})
	}},
	{name: "NaN is left in the output", kinds: floatKinds, op: func(m *mutant, op backend.Op) error {
		return m.then(op, func(w backend.Tensor) { pokeWord(w, w.Cols-1, 0x7fc00000) })
	}},
	{name: "infinity is left in the output", kinds: floatKinds, op: func(m *mutant, op backend.Op) error {
		return m.then(op, func(w backend.Tensor) { pokeWord(w, 0, 0xff800000) })
	}},
	{name: "the last element of the first row is not written", kinds: primitiveKinds,
		op: func(m *mutant, op backend.Op) error {
			return m.then(op, func(w backend.Tensor) { pokeWord(w, w.Cols-1, poison) })
		}},
	{name: "an id outside of the table is taken for its last", kinds: []backend.Kind{backend.KindEmbed},
		op: on(func(m *mutant, o backend.Embed) error {
			return m.with(o.IDs, func(ids []uint32) {
				for i, id := range ids {
					ids[i] = uint32(min(int32(id), int32(o.Table.Desc().Rows-1)))
				}
			}, o)
		})},
	{name: "an index outside is taken for the last row", kinds: []backend.Kind{backend.KindGather},
		op: on(func(m *mutant, o backend.Gather) error {
			return m.with(o.From, func(rows []uint32) {
				for i, row := range rows {
					rows[i] = min(row, uint32(o.Src.Rows-1))
				}
			}, o)
		})},
	{name: "a state slot below zero is taken for the first",
		kinds: []backend.Kind{backend.KindConv1D, backend.KindSelectiveScan},
		op: batchFault(eachRecord(func(r []uint32) {
			r[backend.SeqFrom] = uint32(max(0, int32(r[backend.SeqFrom])))
		}))},
	{name: "a number of rows below zero is one row",
		kinds: []backend.Kind{backend.KindConv1D, backend.KindSelectiveScan},
		op: batchFault(eachRecord(func(r []uint32) {
			if int32(r[backend.SeqRows]) < 0 {
				r[backend.SeqRows] = 1
			}
		}))},
	{name: "an input is written", kinds: primitiveKinds, op: func(m *mutant, op backend.Op) error {
		reads, _, _ := op.Operands()
		return m.then(op, func(backend.Tensor) { pokeWord(reads[0], 0, words(reads[0])[0]^1) })
	}},
	{name: "results vary by a unit in the last place",
		kinds: []backend.Kind{backend.KindRMSNorm, backend.KindMatMul, backend.KindConv1D, backend.KindSelectiveScan,
			backend.KindGate}, op: func(m *mutant, op backend.Op) error {
			return m.then(op, func(w backend.Tensor) {
				if rand.IntN(2) == 0 {
					pokeWord(w, 0, nextUp(words(w)[0]))
				}
			})
		}},
	{name: "all is a ten-thousandth too large",
		kinds: []backend.Kind{backend.KindRMSNorm, backend.KindMatMul, backend.KindConv1D, backend.KindSelectiveScan,
			backend.KindGate, backend.KindAdd}, op: func(m *mutant, op backend.Op) error {
			return m.then(op, func(w backend.Tensor) {
				all := words(w)
				for i, v := range all {
					if v != poison {
						all[i] = floatBits(math.Float32frombits(v) * 1.0001)
					}
				}
				poke(w, 0, all)
			})
		}},

	// Rows.
	{name: "an id below zero is token 0", kinds: []backend.Kind{backend.KindEmbed},
		op: on(func(m *mutant, o backend.Embed) error {
			return m.with(o.IDs, func(w []uint32) {
				for i := range w {
					if int32(w[i]) < 0 {
						w[i] = 0
					}
				}
			}, o)
		})},
	{name: "slots count from 0 at id 0", kinds: []backend.Kind{backend.KindEmbed},
		op: on(func(m *mutant, o backend.Embed) error {
			return m.with(o.IDs, func(w []uint32) {
				for i := range w {
					if int32(w[i]) < -1 {
						w[i]++
					}
				}
			}, o)
		})},
	{name: "To is ignored", kinds: []backend.Kind{backend.KindGather}, op: on(func(m *mutant, o backend.Gather) error {
		if o.To.IsZero() {
			return m.do(o)
		}
		return m.with(o.To, func(w []uint32) {
			for i := range w {
				w[i] = uint32(i)
			}
		}, o)
	})},
	{name: "eps is missing", kinds: []backend.Kind{backend.KindRMSNorm},
		op: changed(func(o *backend.RMSNorm) { o.Eps = 0 })},
	{name: "eps is another", kinds: []backend.Kind{backend.KindRMSNorm}, op: changed(func(o *backend.RMSNorm) {
		if o.Eps == 1e-6 {
			o.Eps = 1e-5
		}
	})},
	{name: "the norm's weight is ignored", kinds: []backend.Kind{backend.KindRMSNorm},
		op: changed(func(o *backend.RMSNorm) { o.Weight = backend.Tensor{} })},
	{name: "squares overflow", kinds: []backend.Kind{backend.KindRMSNorm},
		op: on(func(m *mutant, o backend.RMSNorm) error {
			var sum float32
			for _, x := range values(o.Src.RowRange(0, 1)) {
				sum += float32(x) * float32(x)
			}
			return m.then(o, func(w backend.Tensor) {
				if math.IsInf(float64(sum), 1) {
					poke(w, 0, make([]uint32, w.Cols))
				}
			})
		})},
	{name: "the gate has no SiLU", kinds: []backend.Kind{backend.KindGate},
		op: gateFault(func(z float64) float64 { return z })},
	{name: "the gate is a sigmoid", kinds: []backend.Kind{backend.KindGate}, op: gateFault(backend.Sigmoid.Apply)},
	{name: "the gate overflows", kinds: []backend.Kind{backend.KindGate}, op: gateFault(func(z float64) float64 {
		return z * float64(float32(math.Exp(z))) / (1 + float64(float32(math.Exp(z))))
	})},
	{name: "ties go to the highest id", kinds: []backend.Kind{backend.KindArgMax},
		op: argmaxFault(func(x, best float64) bool { return x >= best })},
	{name: "NaN is left out", kinds: []backend.Kind{backend.KindArgMax},
		op: on(func(m *mutant, o backend.ArgMax) error { return m.with(o.Src, withoutNaN, o) })},
	{name: "NaN is the largest", kinds: []backend.Kind{backend.KindArgMax},
		op: argmaxFault(func(x, best float64) bool { return !(x <= best) })},
	{name: "the largest begins at -1e30", kinds: []backend.Kind{backend.KindArgMax},
		op: argmaxFault(func(x, best float64) bool { return x > max(best, -1e30) })},

	// Products and convolutions.
	{name: "the bias is dropped", kinds: []backend.Kind{backend.KindMatMul},
		op: changed(func(o *backend.MatMul) { o.Bias = backend.Tensor{} })},
	{name: "activations are bfloat16 where float32 is asked", kinds: []backend.Kind{backend.KindMatMul},
		op: on(func(m *mutant, o backend.MatMul) error {
			if o.Precision != backend.Float {
				return m.do(o)
			}
			return m.with(o.Src, func(w []uint32) {
				for i := range w {
					w[i] = floatBits(half.BF16(half.BF16Bits(math.Float32frombits(w[i]))))
				}
			}, o)
		})},
	{name: "activations are four bits where int8 is allowed", kinds: []backend.Kind{backend.KindMatMul},
		op: on(func(m *mutant, o backend.MatMul) error {
			if o.Precision != backend.Int8 {
				return m.do(o)
			}
			return m.with(o.Src, func(w []uint32) {
				for i := range w {
					w[i] = floatBits(float32(math.Round(3*float64(math.Float32frombits(w[i]))) / 3))
				}
			}, o)
		})},
	{name: "the last input is left out", kinds: []backend.Kind{backend.KindMatMul},
		op: on(func(m *mutant, o backend.MatMul) error {
			if o.Src.Cols%4 == 0 {
				return m.do(o)
			}
			return m.with(o.Src, func(w []uint32) {
				for i := o.Src.Cols - 1; i < len(w); i += o.Src.Cols {
					w[i] = 0
				}
			}, o)
		})},
	{name: "the convolution's bias is dropped", kinds: []backend.Kind{backend.KindConv1D},
		op: changed(func(o *backend.Conv1D) { o.Bias = backend.Tensor{} })},
	{name: "the convolution has no activation", kinds: []backend.Kind{backend.KindConv1D},
		op: changed(func(o *backend.Conv1D) { o.Act = backend.Identity })},
	{name: "GELU is taken by tanh", kinds: []backend.Kind{backend.KindConv1D}, op: changed(func(o *backend.Conv1D) {
		if o.Act == backend.GELU {
			o.Act = backend.GELUTanh
		}
	})},
	{name: "the taps are reversed", kinds: []backend.Kind{backend.KindConv1D},
		op: on(func(m *mutant, o backend.Conv1D) error {
			return m.with(o.Weight, func(w []uint32) {
				for len(w) > 0 {
					slices.Reverse(w[:o.Weight.Cols])
					w = w[o.Weight.Cols:]
				}
			}, o)
		})},
	{name: "the conv state is stale", kinds: []backend.Kind{backend.KindConv1D},
		op: on(func(m *mutant, o backend.Conv1D) error {
			return m.with(o.State, func([]uint32) {}, o)
		})},
	{name: "the conv state is ignored", kinds: []backend.Kind{backend.KindConv1D},
		op: on(func(m *mutant, o backend.Conv1D) error {
			if o.State.IsZero() {
				return m.do(o)
			}
			after := words(o.State)
			if err := m.do(o); err != nil {
				return err
			}
			final := words(o.State)
			poke(o.State, 0, make([]uint32, len(after)))
			err := m.do(o)
			poke(o.State, 0, final)
			return err
		})},
	{name: "the conv state is reversed", kinds: []backend.Kind{backend.KindConv1D},
		op: on(func(m *mutant, o backend.Conv1D) error {
			err := m.do(o)
			if err == nil && o.Weight.Cols > 2 {
				eachSlot(o.Batch, o.State, func(slot []uint32) {
					for n := o.Weight.Cols - 1; len(slot) > 0; slot = slot[n:] {
						slices.Reverse(slot[:n])
					}
				})
			}
			return err
		})},

	// Batches.
	{name: "the last sequence is dropped", kinds: stateKinds, op: batchFault(func(b []uint32, _ int) {
		if b[backend.BatchSeqs] > 0 {
			b[backend.BatchSeqs]--
		}
	})},
	{name: "records beyond the live ones are obeyed", kinds: stateKinds, op: batchFault(func(b []uint32, _ int) {
		b[backend.BatchSeqs] = uint32(len(b)/backend.BatchWords - 1)
	})},
	{name: "the state is read from where it goes", kinds: stateKinds,
		op: batchFault(eachRecord(func(r []uint32) { r[backend.SeqFrom] = r[backend.SeqTo] }))},
	{name: "the state goes where it is from", kinds: stateKinds,
		op: batchFault(eachRecord(func(r []uint32) { r[backend.SeqTo] = r[backend.SeqFrom] }))},
	{name: "only the last state is kept", kinds: stateKinds,
		op: batchFault(eachRecord(func(r []uint32) { r[backend.SeqKeep] = 0 }))},
	{name: "a ring begins at its second slot", kinds: stateKinds, op: batchFault(eachRecord(func(r []uint32) {
		if r[backend.SeqKeep] == 1 && r[backend.SeqRingLen] > r[backend.SeqRows] {
			r[backend.SeqRing]++
			r[backend.SeqRingLen]--
		}
	}))},
	{name: "a ring ends one slot later", kinds: stateKinds, op: batchFault(eachRecord(func(r []uint32) {
		if r[backend.SeqKeep] == 1 {
			r[backend.SeqRingLen]++
		}
	}))},
	{name: "sequences follow one another whatever their first row", kinds: stateKinds,
		op: batchFault(func(b []uint32, _ int) {
			first := uint32(0)
			for i := backend.BatchWords; i < len(b); i += backend.BatchWords {
				b[i+backend.SeqFirst] = first
				first += b[i+backend.SeqRows]
			}
			if n := uint32(len(b)/backend.BatchWords - 1); b[backend.BatchSeqs] < n {
				// garbage records are not reached: keep their rows
				b[backend.BatchSeqs] = min(b[backend.BatchSeqs], n)
			}
		})},
	{name: "a sequence without rows copies its state", kinds: stateKinds, op: func(m *mutant, op backend.Op) error {
		batch, state := batchOf(op)
		if err := m.do(op); err != nil || state.IsZero() {
			return err
		}
		b, s := words(batch), words(state)
		for q := range int(b[backend.BatchSeqs]) {
			if r := b[(1+q)*backend.BatchWords:]; r[backend.SeqRows] == 0 {
				copy(s[int(r[backend.SeqTo])*state.Cols:][:state.Cols], s[int(r[backend.SeqFrom])*state.Cols:])
			}
		}
		poke(state, 0, s)
		return nil
	}},

	// The scan.
	{name: "no softplus", kinds: scanKind, op: on(scanFault{softplus: func(x float64) float64 { return x }}.run)},
	{name: "softplus in float32", kinds: scanKind, op: on(scanFault{softplus: func(x float64) float64 {
		if x > 20 {
			return x
		}
		return math.Log(float64(1 + float32(math.Exp(x))))
	}}.run)},
	{name: "softplus overflows", kinds: scanKind, op: on(scanFault{softplus: func(x float64) float64 {
		return math.Log(float64(1 + float32(math.Exp(x))))
	}}.run)},
	{name: "softplus is cut off at 8", kinds: scanKind, op: on(scanFault{softplus: func(x float64) float64 {
		if x > 8 {
			return x
		}
		return backend.Softplus(x)
	}}.run)},
	{name: "A has the wrong sign", kinds: scanKind,
		op: on(scanFault{decay: func(x float64) float64 { return math.Exp(-x) }}.run)},
	{name: "the decay is linear", kinds: scanKind,
		op: on(scanFault{decay: func(x float64) float64 { return 1 + x }}.run)},
	{name: "the decay is cut off at exp(-10)", kinds: scanKind,
		op: on(scanFault{decay: func(x float64) float64 { return math.Exp(max(x, -10)) }}.run)},
	{name: "D is dropped", kinds: scanKind, op: on(scanFault{noD: true}.run)},
	{name: "the SSM state is stale", kinds: scanKind, op: on(func(m *mutant, o backend.SelectiveScan) error {
		return m.with(o.State, func([]uint32) {}, o)
	})},
	{name: "16-bit states are cut off", kinds: stateKinds, op: storing(func(x float32, t backend.DType) float32 {
		var b [4]byte
		backend.NarrowState(b[:], []float32{x}, t)
		y := []float32{0}
		if backend.WidenState(y, b[:], t); math.Abs(float64(y[0])) > math.Abs(float64(x)) {
			binary.LittleEndian.PutUint16(b[:], binary.LittleEndian.Uint16(b[:])-1)
			backend.WidenState(y, b[:], t)
		}
		return y[0]
	})},
	{name: "16-bit states overflow", kinds: stateKinds, op: storing(func(x float32, t backend.DType) float32 {
		if t == backend.F16 {
			return half.F16(half.F16Bits(x))
		}
		return half.BF16(half.BF16Bits(x))
	})},
	{name: "subnormal states are 0", kinds: stateKinds, op: storing(func(x float32, t backend.DType) float32 {
		if t == backend.F16 && math.Abs(float64(x)) < 0x1p-14 {
			return 0
		}
		return x
	})},
	{name: "16-bit states are rounded after every row", kinds: scanKind, op: on(rowByRow)},

	// Biases.
	{name: "biases are ignored", kinds: biasKind,
		op: changed(func(o *backend.Bias) { o.Biases = backend.Tensor{} })},
	{name: "masks are ignored", kinds: biasKind,
		op: changed(func(o *backend.Bias) { o.Allowed = backend.Tensor{} })},
	{name: "masks hold for all", kinds: biasKind, op: biasRecordFault(func(r []uint32) { r[sampling.WordMasked] = 1 })},
	{name: "the last bias is forgotten", kinds: biasKind, op: biasRecordFault(func(r []uint32) {
		if n := int32(r[sampling.WordBiases]); n > 0 {
			r[sampling.WordBiases] = uint32(min(n, biasPairs) - 1)
		}
	})},
	{name: "the mask's bits go the other way", kinds: biasKind, op: on(func(m *mutant, o backend.Bias) error {
		if o.Allowed.IsZero() {
			return m.do(o)
		}
		return m.with(o.Allowed, func(w []uint32) {
			for i := range w {
				w[i] = bits.Reverse32(w[i])
			}
		}, o)
	})},
	{name: "a bias takes the place of the logit", kinds: biasKind, op: on(func(m *mutant, o backend.Bias) error {
		return m.with(o.Logits, func(logits []uint32) {
			for i, x := range logits {
				if x&0x7f800000 != 0x7f800000 {
					logits[i] = 0
				}
			}
		}, o)
	})},
	{name: "all sequences are biased", kinds: biasKind, op: on(func(m *mutant, o backend.Bias) error {
		return m.with(o.Batch, func(b []uint32) { b[backend.BatchHeads] = b[backend.BatchSeqs] }, o)
	})},
	{name: "sequences without rows are biased", kinds: biasKind, op: on(func(m *mutant, o backend.Bias) error {
		return m.with(o.Batch, eachRecordOf(func(r []uint32) { r[backend.SeqRows] = 1 }), o)
	})},

	// Sampling.
	{name: "the draw is of the next step", kinds: sampleKind,
		op: recordFault(func(r []uint32) { r[sampling.WordStep]++ })},
	{name: "the seed's upper word is ignored", kinds: sampleKind,
		op: recordFault(func(r []uint32) { r[sampling.WordSeedHi] = 0 })},
	{name: "top-k is one more", kinds: sampleKind, op: recordFault(func(r []uint32) {
		if r[sampling.WordTopK] > 0 {
			r[sampling.WordTopK]++
		}
	})},
	{name: "top-p is ignored", kinds: sampleKind,
		op: recordFault(func(r []uint32) { r[sampling.WordTopPFraction] = 0 })},
	{name: "min-p is ignored", kinds: sampleKind, op: recordFault(func(r []uint32) { r[sampling.WordMinWeight] = 0 })},
	{name: "the penalty is ignored", kinds: sampleKind,
		op: changed(func(o *backend.Sample) { o.Counts = backend.Tensor{} })},
	{name: "presence is ignored", kinds: sampleKind, op: recordFault(func(r []uint32) { r[sampling.WordPresence] = 0 })},
	{name: "frequency is ignored", kinds: sampleKind,
		op: recordFault(func(r []uint32) { r[sampling.WordFrequency] = 0 })},
	{name: "frequency counts once", kinds: sampleKind, op: on(func(m *mutant, o backend.Sample) error {
		if o.Counts.IsZero() {
			return m.do(o)
		}
		return m.with(o.Counts, func(counts []uint32) {
			for i, c := range counts {
				counts[i] = uint32(min(int32(c), 1))
			}
		}, o)
	})},
	{name: "slots are the sequences' own numbers", kinds: sampleKind, op: on(func(m *mutant, o backend.Sample) error {
		return m.with(o.Batch, func(b []uint32) {
			for i := 1; i < len(b)/backend.BatchWords; i++ {
				b[i*backend.BatchWords+backend.SeqSlot] = uint32(min(i-1, o.Records.Rows-1))
			}
		}, o)
	})},
	{name: "NaN is not picked", kinds: sampleKind,
		op: on(func(m *mutant, o backend.Sample) error { return m.with(o.Logits, withoutNaN, o) })},
	{name: "no token is token 0", kinds: sampleKind, op: on(func(m *mutant, o backend.Sample) error {
		return m.then(o, func(dst backend.Tensor) {
			ids := words(dst)
			for i, id := range ids {
				if int32(id) == sampling.NoToken {
					ids[i] = 0
				}
			}
			poke(dst, 0, ids)
		})
	})},
	{name: "all sequences sample", kinds: sampleKind, op: on(func(m *mutant, o backend.Sample) error {
		return m.with(o.Batch, func(b []uint32) { b[backend.BatchHeads] = b[backend.BatchSeqs] }, o)
	})},
	{name: "sequences without rows sample", kinds: sampleKind, op: on(func(m *mutant, o backend.Sample) error {
		return m.with(o.Batch, eachRecordOf(func(r []uint32) { r[backend.SeqRows] = 1 }), o)
	})},

	{name: "all draws tell of what filters leave", kinds: sampleKind, op: recordFault(func(r []uint32) {
		r[sampling.WordFiltered] = max(r[sampling.WordFiltered], 1)
	})},
	{name: "one of the likeliest that are left is missing", kinds: sampleKind, op: recordFault(func(r []uint32) {
		if r[sampling.WordFiltered] > 1 {
			r[sampling.WordFiltered]--
		}
	})},
	{name: "what is told of a draw is before its filters", kinds: sampleKind,
		op: on(func(m *mutant, o backend.Sample) error {
			silent := o
			silent.Probs = backend.Tensor{}
			if o.Probs.IsZero() {
				return m.do(o)
			}
			err := m.with(o.Records, eachSamplingRecord(func(r []uint32) {
				r[sampling.WordTopK], r[sampling.WordTopPFraction], r[sampling.WordMinWeight] = 0, 0, 0
			}), o)
			return errors.Join(err, m.do(silent))
		})},

	// What a draw tells.
	{name: "all draws tell", kinds: logProbKind, op: on(func(m *mutant, o backend.LogProbs) error {
		return m.with(o.Records, eachSamplingRecord(func(r []uint32) {
			r[sampling.WordLogProbs] = max(r[sampling.WordLogProbs], 1)
		}), o)
	})},
	{name: "the place is of the next step", kinds: logProbKind, op: on(func(m *mutant, o backend.LogProbs) error {
		return m.with(o.Records, eachSamplingRecord(func(r []uint32) { r[sampling.WordStep]++ }), o)
	})},
	{name: "one of the likeliest is missing", kinds: logProbKind, op: on(func(m *mutant, o backend.LogProbs) error {
		return m.with(o.Records, eachSamplingRecord(func(r []uint32) {
			if r[sampling.WordLogProbs] > 1 {
				r[sampling.WordLogProbs]--
			}
		}), o)
	})},
	{name: "all draw token 0", kinds: logProbKind, op: on(func(m *mutant, o backend.LogProbs) error {
		return m.with(o.Tokens, func(ids []uint32) { clear(ids) }, o)
	})},
	{name: "infinities are told of as such", kinds: logProbKind, op: on(func(m *mutant, o backend.LogProbs) error {
		return m.with(o.Logits, func(bits []uint32) {
			for i, b := range bits {
				if b == 0x7f800000 {
					bits[i] = 0x7fc00000
				}
			}
		}, o)
	})},
	{name: "all sequences tell", kinds: logProbKind, op: on(func(m *mutant, o backend.LogProbs) error {
		return m.with(o.Batch, func(b []uint32) { b[backend.BatchHeads] = b[backend.BatchSeqs] }, o)
	})},
	{name: "sequences without rows tell", kinds: logProbKind, op: on(func(m *mutant, o backend.LogProbs) error {
		return m.with(o.Batch, eachRecordOf(func(r []uint32) { r[backend.SeqRows] = 1 }), o)
	})},

	// Advance.
	{name: "the states do not turn", kinds: advanceKind, op: on(func(m *mutant, o backend.Advance) error {
		return m.keep(o, o.Batch.Columns(backend.SeqFrom, backend.SeqTo+1).RowRange(1, o.Batch.Rows))
	})},
	{name: "eos and limit are ignored", kinds: advanceKind, op: on(func(m *mutant, o backend.Advance) error {
		return m.keep(o, o.Batch.Columns(backend.SeqRows, backend.SeqRows+1).RowRange(1, o.Batch.Rows))
	})},
	{name: "no token goes on", kinds: advanceKind, op: on(func(m *mutant, o backend.Advance) error {
		return m.with(o.Tokens, func(ids []uint32) {
			for i, id := range ids {
				if int32(id) < 0 {
					ids[i] = 1
				}
			}
		}, o)
	})},
	{name: "the step stands still", kinds: advanceKind,
		op: on(func(m *mutant, o backend.Advance) error { return m.keep(o, o.Records) })},
	{name: "counts are not kept", kinds: advanceKind,
		op: on(func(m *mutant, o backend.Advance) error { return m.keep(o, o.Counts) })},
	{name: "the window is not kept", kinds: advanceKind,
		op: on(func(m *mutant, o backend.Advance) error { return m.keep(o, o.Ring) })},
	{name: "tokens do not come out", kinds: advanceKind,
		op: on(func(m *mutant, o backend.Advance) error { return m.keep(o, o.Out) })},
	{name: "the last tokens are forgotten", kinds: advanceKind,
		op: on(func(m *mutant, o backend.Advance) error { return m.keep(o, o.Last) })},
	{name: "nothing leaves the window", kinds: advanceKind,
		op: changed(func(o *backend.Advance) { o.Ring = backend.Tensor{} })},
	{name: "all sequences advance", kinds: advanceKind, op: on(func(m *mutant, o backend.Advance) error {
		heads := backend.BatchWord(o.Batch, backend.BatchHeads)
		was := words(heads)
		poke(heads, 0, words(backend.BatchWord(o.Batch, backend.BatchSeqs)))
		err := m.do(o)
		poke(heads, 0, was)
		return err
	})},
	{name: "sequences without rows advance", kinds: advanceKind, op: on(func(m *mutant, o backend.Advance) error {
		rows := o.Batch.Columns(backend.SeqRows, backend.SeqRows+1).RowRange(1, o.Batch.Rows)
		was := words(rows)
		poke(rows, 0, slices.Repeat([]uint32{1}, len(was)))
		err := m.do(o)
		now := words(rows)
		for i, w := range was {
			if now[i] != 0 || w == 0 {
				now[i] = w
			}
		}
		poke(rows, 0, now)
		return err
	})},

	// Fused operations.
	{name: "in_proj_conv without norm weight", kinds: []backend.Kind{mamba.KindInProjConv},
		claim: claims(mamba.KindInProjConv),
		op: lowered(mamba.KindInProjConv, func(op backend.Op) backend.Op {
			if o, ok := op.(backend.RMSNorm); ok {
				o.Weight = backend.Tensor{}
				return o
			}
			return op
		})},
	{name: "in_proj_conv with another activation", kinds: []backend.Kind{mamba.KindInProjConv},
		claim: claims(mamba.KindInProjConv),
		op: lowered(mamba.KindInProjConv, func(op backend.Op) backend.Op {
			if o, ok := op.(backend.Conv1D); ok {
				o.Act = backend.ReLU
				return o
			}
			return op
		})},
	{name: "ssm without gate", kinds: []backend.Kind{mamba.KindSSM}, claim: claims(mamba.KindSSM),
		op: lowered(mamba.KindSSM, func(op backend.Op) backend.Op {
			if op.Kind() == backend.KindGate {
				return nil
			}
			return op
		})},
	{name: "ssm without norms", kinds: []backend.Kind{mamba.KindSSM}, claim: claims(mamba.KindSSM),
		op: lowered(mamba.KindSSM, func(op backend.Op) backend.Op {
			if op.Kind() == backend.KindRMSNorm {
				return nil
			}
			return op
		})},
	{name: "out_proj_add without residual", kinds: []backend.Kind{mamba.KindOutProjAdd},
		claim: claims(mamba.KindOutProjAdd),
		op: lowered(mamba.KindOutProjAdd, func(op backend.Op) backend.Op {
			if o, ok := op.(backend.Add); ok {
				return backend.Copy{Dst: o.Dst, Src: o.B, Live: o.Live}
			}
			return op
		})},
	{name: "out_proj_add overwrites a residual in place where it rounds many rows and columns",
		kinds: []backend.Kind{mamba.KindOutProjAdd}, claim: claims(mamba.KindOutProjAdd),
		op: func(m *mutant, op backend.Op) error {
			o, ok := op.(mamba.OutProjAdd)
			if !ok || o.Dst != o.Residual || o.Precision == backend.Float || o.Src.Rows <= 8 || o.Src.Cols <= 256 ||
				o.OutProj.Desc().Type != backend.BF16 {
				return m.do(op)
			}
			return lowered(mamba.KindOutProjAdd, func(op backend.Op) backend.Op {
				if o, ok := op.(backend.Add); ok {
					return backend.Copy{Dst: o.Dst, Src: o.B, Live: o.Live}
				}
				return op
			})(m, op)
		}},
	{name: "head without norm", kinds: []backend.Kind{backend.KindHead}, claim: claims(backend.KindHead),
		op: lowered(backend.KindHead, func(op backend.Op) backend.Op {
			if op.Kind() == backend.KindRMSNorm {
				return nil
			}
			return op
		})},
	{name: "head_argmax gives ties to the highest id", kinds: []backend.Kind{backend.KindHeadArgMax},
		claim: claims(backend.KindHeadArgMax),
		op: func(m *mutant, op backend.Op) error {
			o, ok := op.(backend.HeadArgMax)
			if !ok {
				return m.do(op)
			}
			return m.then(o, func(w backend.Tensor) {
				ids := words(w)
				for i := range ids {
					if ids[i] != poison {
						ids[i]++ // the twin
					}
				}
				poke(w, 0, ids)
			})
		}},

	// Laws. Without kinds.
	{name: "no fault but one that only batch mates show", op: on(func(m *mutant, o backend.MatMul) error {
		return m.then(o, func(w backend.Tensor) {
			if n := int(words(o.Live)[0]); n > 6 {
				all := words(w)
				for i := range n * w.Cols {
					all[i] = nextUp(all[i])
				}
				poke(w, 0, all)
			}
		})
	})},
	{name: "a chunk's first row is special", op: on(func(m *mutant, o backend.SelectiveScan) error {
		return m.then(o, func(w backend.Tensor) {
			pokeWord(w, 0, floatBits(math.Float32frombits(words(w)[0])*1.001))
		})
	})},
	{name: "plans in flight run in reverse", lazy: func(p []pending) []pending { slices.Reverse(p); return p }},
	{name: "replays in flight see the same past", lazy: func(p []pending) []pending {
		return slices.CompactFunc(p, func(a, b pending) bool { return a.plan == b.plan })
	}},
	{name: "the last plan in flight is lost", lazy: func(p []pending) []pending { return p[:min(len(p), 2)] }},
	{name: "uploads overtake plans", lazy: inOrder, calls: callFaults{uploadsJump: true}},
	{name: "downloads overtake plans", lazy: inOrder, calls: callFaults{downloadsJump: true}},
	{name: "Wait does not wait", lazy: inOrder, calls: callFaults{waitsReturn: true}},
	{name: "uploads read their source later", lazy: inOrder, calls: callFaults{sourcesKept: true}},
	{name: "transfers out of range are ignored", calls: callFaults{transfersIgnored: true}},
	{name: "memory is dirty", calls: callFaults{memoryDirty: true}},
	{name: "absurd sizes are taken", calls: callFaults{sizesCut: true}},
	{name: "readback memory has no Bytes", calls: callFaults{bytesMissing: true}},
	{name: "readback memory is a copy", calls: callFaults{bytesOld: true}},
	{name: "tickets stand still", calls: callFaults{ticketsStand: true}},
	{name: "tickets that are not known are complete", calls: callFaults{ticketsUnknown: true}},
	{name: "weights read their source later", calls: callFaults{weightsBorrow: true}},
	{name: "closing twice is an error", calls: callFaults{closeOnce: true}},
	{name: "closed buffers serve on", calls: callFaults{closedServes: true}},
	{name: "memory is not counted", calls: callFaults{statsStand: true}},
	{name: "memory is never given back", calls: callFaults{statsGrow: true}},
	{name: "Compile does not check", calls: callFaults{unchecked: true}},
	{name: "a primitive is not supported", kinds: scanKind, calls: callFaults{unsupported: backend.KindSelectiveScan}},
	{name: "float32 weights are refused", kinds: []backend.Kind{backend.KindMatMul, backend.KindEmbed},
		calls: callFaults{float32Missing: true}},
}

// withoutNaN puts -Inf in the place of every NaN.
func withoutNaN(words []uint32) {
	for i, bits := range words {
		if x := math.Float32frombits(bits); x != x {
			words[i] = floatBits(float32(math.Inf(-1)))
		}
	}
}
