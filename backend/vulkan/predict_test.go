//go:build cgo && !darwin

package vulkan

import (
	"encoding/binary"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/backend/backendtest"
	"falconmamba/backend/gpu"
	"falconmamba/backend/gputest"
)

// How long a pass takes, by what the compiler says of its kernels. Mesa's compiler adds up the cycles of a
// kernel's instructions and takes a loop for 8 rounds, one inside another for 4, and one inside that for 2.
// How often these kernels' innermost loops go round is known, so its sum is scaled by that. An operation takes
// as long as its dispatches, one after another, or as its bytes at the memory's published rate, or as its
// multiplications at the chip's, if one of these is longer. What lies between dispatches is not counted, nor what
// caches do.

// value is a constant of a dispatch by its name, else a parameter, else 0.
func value(x *gpu.Dispatch, name string) int {
	for _, c := range x.Kernel.Constants {
		for _, s := range x.Constants {
			if c.Name == name && int(s.ID) == c.ID {
				return int(s.Value)
			}
		}
	}
	for _, p := range x.Kernel.Params {
		if p.Name == name && p.Offset+4 <= len(x.Params) {
			return int(binary.LittleEndian.Uint32(x.Params[p.Offset:]))
		}
	}
	return 0
}

func upTo(n, by int) int { return (n + max(by, 1) - 1) / max(by, 1) }

// chunk is the elements of a weight that a lane loads at once.
func chunk(x *gpu.Dispatch) int {
	name := strings.Split(x.Kernel.Name, "_")
	switch name[len(name)-2] {
	case "f32":
		return 4
	case "block":
		if value(x, "FORMAT") == 0 { // q8_0
			return 16
		}
		return 32
	}
	return 8
}

// rounds is how often the innermost loop of a kernel goes round, and how often the compiler thinks that it does; 1 and
// 1 for kernels whose loops are short. Of the loops within it none is left.
func rounds(x *gpu.Dispatch, subgroup int) (real, guessed float64) {
	z := max(x.Groups[2], 1)
	switch half := value(x, "TK") > 0; {
	case x.Kernel.Source == "gemm_sum" || x.Kernel.Source == "dbc":
		return float64(value(x, "parts")), 8 * 4 * 2
	case x.Kernel.Source == "scan_lanes":
		return float64(upTo(upTo(value(x, "rows"), x.Groups[1]), value(x, "STEPS"))), 8 * 4 * 2
	case x.Kernel.Source == "conv1d_rows":
		return float64(upTo(upTo(value(x, "rows"), x.Groups[1]), 8)), 8 * 4 * 2
	case x.Kernel.Source == "gemm_order":
		return float64(upTo(value(x, "steps"), x.Groups[0])), 8 * 4
	case strings.HasPrefix(x.Kernel.Source, "gemm"):
		steps := value(x, "steps") // of BK columns
		if steps == 0 {
			steps = upTo(value(x, "cols"), 16)
		}
		return float64(upTo(upTo(steps, z), max(1, value(x, "DEEP")))), 8 * 4 * 2
	case x.Kernel.Source == "ssm":
		return float64(upTo(value(x, "rows"), max(1, value(x, "ROWS")*x.Groups[1]))), 8 * 4 * 2
	case value(x, "OUTS") > 0 && half:
		step := value(x, "SPLIT") * value(x, "CHUNKS") * value(x, "CHUNK")
		return float64(upTo(upTo(value(x, "cols"), z), step)), 8 * 4
	case value(x, "OUTS") > 0:
		groups := upTo(upTo(value(x, "outs"), value(x, "OUTS")), x.Groups[0]*x.Workgroup()[0]/subgroup)
		steps := upTo(upTo(value(x, "cols"), z), chunk(x)*subgroup*value(x, "AHEAD"))
		return float64(groups * upTo(value(x, "rows"), value(x, "ROWS")) * steps), 8 * 4 * 2
	}
	return 1, 1
}

// seconds is how long a dispatch takes on a chip, but for what it waits for its bytes.
func (c chip) seconds(x *compiled, d *gpu.Dispatch) float64 {
	real, guessed := rounds(d, x.subgroup)
	groups := float64(d.Groups[0] * d.Groups[1] * d.Groups[2])
	subgroups := groups * float64(upTo(d.Workgroup()[0], x.subgroup)) * float64(x.subgroup) / 64
	busy := subgroups / float64(c.cores*c.simds) * float64(x.inverse)
	return max(busy, float64(x.latency)) * real / guessed / (c.clock * 1e9)
}

// A prediction of a pass.
type prediction struct {
	seconds, computing float64
	bytes              int64
}

// predict is how long a pass takes, whose kernels are among those that were compiled.
func (c chip) predict(all map[string]*compiled, ops []backend.Op, list []gpu.Dispatch) (p prediction) {
	computing := make([]float64, len(ops))
	for i := range list {
		computing[list[i].Op] += c.seconds(all[pipelineKey(&list[i])], &list[i])
	}
	for i, op := range ops {
		bytes, flops := backendtest.Cost(op)
		p.bytes += bytes
		p.computing += computing[i]
		p.seconds += max(computing[i], float64(bytes)/(c.bytes*1e9), float64(flops)/(c.peak*1e12))
	}
	return p
}

// byRows predicts passes of that number of texts each, of a model that is stored in one way.
func (c chip) byRows(t *testing.T, d *device, all map[string]*compiled, size, weight string, rows []int) []prediction {
	var list []gputest.Pass
	for _, p := range gputest.Passes([]string{size}, []string{weight}, rows) {
		if p.Texts && !p.Float {
			list = append(list, p)
		}
	}
	var out []prediction
	shadowOf(t, d).Each(list, 0, func(_ gputest.Pass, ops []backend.Op, dispatches []gpu.Dispatch) {
		out = append(out, c.predict(all, ops, dispatches))
	})
	return out
}
