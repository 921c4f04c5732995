package sampling

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Filters of transformers 5.17.0 on the last logits of golden checkpoints, with
// the prompt as history.
func TestProbsGolden(t *testing.T) {
	files, err := filepath.Glob("../../checkpoint/testdata/*/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../../checkpoint/tiny/*/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, more...)
	if len(files) == 0 {
		t.Skip("no golden.json in ../../checkpoint/testdata")
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) { probsGolden(t, file) })
	}
}

func probsGolden(t *testing.T, file string) {
	var golden struct {
		IDs       []int32 `json:"input_ids"`
		Processed []struct {
			Temperature       *float32
			TopK              int     `json:"top_k"`
			TopP              float32 `json:"top_p"`
			MinP              float32 `json:"min_p"`
			RepetitionPenalty float32 `json:"repetition_penalty"`
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	tensors := readTensors(t, strings.TrimSuffix(file, "json")+"safetensors")
	all := tensors("logits")
	vocab := len(all) / len(golden.IDs)
	logits := all[len(all)-vocab:]
	counts := make([]int32, vocab)
	if err := Load(counts, nil, golden.IDs, 0, 0); err != nil {
		t.Fatal(err)
	}
	if len(golden.Processed) == 0 {
		t.Fatal("no filters in golden.json")
	}
	for j, f := range golden.Processed {
		p := Params{Temperature: 1, TopK: f.TopK, TopP: f.TopP, MinP: f.MinP, RepetitionPenalty: f.RepetitionPenalty}
		if f.Temperature != nil {
			p.Temperature = *f.Temperature
		}
		want := tensors("processed." + string(rune('0'+j)))
		got := make([]float32, vocab)
		if err := Probs(got, logits, counts, p); err != nil {
			t.Fatal(err)
		}
		kept := 0
		for i := range got {
			if !(math.Abs(float64(got[i]-want[i])) <= 1e-6) || (got[i] > 0) != (want[i] > 0) {
				t.Errorf("%+v: token %d has %g, want %g", p, i, got[i], want[i])
			}
			if want[i] > 0 {
				kept++
			}
		}
		t.Logf("%+v: %d of %d tokens", p, kept, vocab)
	}
}

// readTensors opens a golden file of float32 tensors; the package under test
// imports nothing of the project, its tests neither.
func readTensors(t *testing.T, file string) func(name string) []float32 {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n := binary.LittleEndian.Uint64(data)
	header := map[string]json.RawMessage{}
	if err := json.Unmarshal(data[8:8+n], &header); err != nil {
		t.Fatal(err)
	}
	return func(name string) []float32 {
		var entry struct {
			DType   string `json:"dtype"`
			Offsets [2]int `json:"data_offsets"`
		}
		if err := json.Unmarshal(header[name], &entry); err != nil || entry.DType != "F32" {
			t.Fatalf("%s: tensor %s: %v, type %q, want F32", file, name, err, entry.DType)
		}
		body := data[8+n:][entry.Offsets[0]:entry.Offsets[1]]
		values := make([]float32, len(body)/4)
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[4*i:]))
		}
		return values
	}
}

func TestProbsErrors(t *testing.T) {
	for _, c := range []struct {
		dst, logits int
		counts      []int32
		p           Params
	}{
		{2, 3, nil, Params{}}, {3, 3, make([]int32, 2), Params{}}, {3, 3, nil, Params{Temperature: -1}},
	} {
		if err := Probs(make([]float32, c.dst), make([]float32, c.logits), c.counts, c.p); err == nil {
			t.Errorf("Probs(%+v) succeeded", c)
		}
	}
}

// Temperatures at both ends of float32 neither overflow nor lose the best.
func TestProbsExtremes(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		temperature float32
		logits      []float32
		want        []float32
	}{
		{0, []float32{1, 3, 3}, []float32{0, 1, 0}},
		{1e-38, []float32{5, 3, 5}, []float32{0.5, 0, 0.5}},
		{math.MaxFloat32, []float32{5, 3}, []float32{0.5, 0.5}},
		{1, []float32{inf, 3e38, inf}, []float32{0.5, 0, 0.5}},
		{1, []float32{-inf, -90, -inf}, []float32{0, 1, 0}},
		{1, []float32{0, float32(math.Log(3))}, []float32{0.25, 0.75}},
	} {
		got := make([]float32, len(c.logits))
		if err := Probs(got, c.logits, nil, Params{Temperature: c.temperature}); err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if !(math.Abs(float64(got[i]-c.want[i])) <= 1e-6) {
				t.Errorf("temperature %g, logits %v: %v, want %v", c.temperature, c.logits, got, c.want)
				break
			}
		}
	}
}
