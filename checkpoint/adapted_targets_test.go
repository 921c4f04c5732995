package checkpoint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"falconmamba/backend"
	"falconmamba/checkpoint/peft"
	"falconmamba/checkpoint/peft/pefttest"
)

const firstInProj = "backbone.layers.0.mixer.in_proj"

// inProjOnly is an adapter of in_proj of the first n layers of testdata/tiny, whose names it bends.
func inProjOnly(t *testing.T, n int, bend func(module string) string) *pefttest.Adapter {
	t.Helper()
	a := pefttest.New(2, 4)
	ck := open(t, "testdata/tiny", Options{})
	for i := range n {
		module := fmt.Sprintf("backbone.layers.%d.mixer.in_proj", i)
		info, ok := ck.Lookup(module + ".weight")
		if !ok {
			t.Fatal(module)
		}
		a.Add(bend(module), info.Shape, 2, "F32")
	}
	return a
}

func asItIs(module string) string { return module }

// wantLine is an error of one line that has want, or none where want is empty.
func wantLine(t *testing.T, what string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("%s: got error %v, want one with %q", what, err, want)
	case err != nil && strings.ContainsAny(err.Error(), "\n\x1b"):
		t.Errorf("%s: %q is not one line of text", what, err)
	}
}

// What target_modules asks for, with what narrows it, is in the file: by PEFT's rules.
func TestAdaptedTargets(t *testing.T) {
	const missing = "has nothing for backbone.layers."
	two := `backbone.layers.0.mixer.in_proj`
	for _, c := range []struct {
		targets, more string // JSON
		want          string
	}{
		{`["in_proj"]`, `{}`, missing + "1"}, // the file has those of the first layer
		{`["layers.0.mixer.in_proj"]`, `{}`, ""},
		{`["` + two + `"]`, `{"layers_to_transform": 7}`, ""}, // a whole name counts whatever else
		{`["proj"]`, `{}`, ""},                                // names end at a dot
		{`["in_proj", "q_proj"]`, `{"layers_to_transform": [0]}`, ""},
		{`["in_proj"]`, `{"layers_to_transform": 0}`, ""},
		{`["in_proj"]`, `{"layers_to_transform": [0, 1]}`, missing + "1"},
		{`["in_proj"]`, `{"layers_to_transform": [0, 1], "layers_pattern": "h"}`, ""},
		{`["in_proj"]`, `{"exclude_modules": ["layers.1.mixer.in_proj", "layers.2.mixer.in_proj"]}`, ""},
		{`["in_proj"]`, `{"exclude_modules": ".*[12].mixer.*"}`, ""},
		{`["in_proj"]`, `{"exclude_modules": ["out_proj"]}`, missing + "1"},
		{`["in_proj"]`, `{"exclude_modules": "(?!x)"}`, ""},
		{`["in_proj", "x_proj"]`, `{"layers_to_transform": 0, "modules_to_save": ["x_proj"]}`, ""},
		{`["lm_head"]`, `{}`, "has nothing for lm_head,"},
		{`".*\\.0\\.mixer\\.in_proj"`, `{}`, ""},
		{`".*\\.0\\.mixer\\.(in|out)_proj"`, `{}`, missing + "0.mixer.out_proj,"},
		{`"in_proj"`, `{}`, ""}, // an expression is of the whole name
		{`".*\\.in_proj"`, `{"layers_to_transform": [0]}`, missing + "1"},
		{`"(?!lm_head).*in_proj"`, `{}`, ""}, // not understood: not checked
		{`"all-linear"`, `{}`, ""},
		{`null`, `{}`, ""},
	} {
		a := inProjOnly(t, 1, asItIs)
		if err := json.Unmarshal([]byte(c.more), &a.Config); err != nil {
			t.Fatal(err)
		}
		a.Config["target_modules"] = json.RawMessage(c.targets)
		wantLine(t, c.targets+" with "+c.more, readAdapted(a.Write(t)), c.want)
	}
}

// A pattern is of the end of a name, from a dot on, and the first counts.
func TestAdaptedPatterns(t *testing.T) {
	for text, want := range map[string]float64{
		`{}`: 8. / 2, // PEFT's own lora_alpha
		`{"alpha_pattern": {"n_proj": 6, "in_pro": 6, "layers.0": 6}}`:          4,
		`{"alpha_pattern": {"mixer.in_proj": 6, "in_proj": 10}}`:                3,
		`{"alpha_pattern": {"in_pro|x": 6}}`:                                    4,
		`{"alpha_pattern": {"x|in_proj": 6}}`:                                   3,
		`{"alpha_pattern": {"^backbone.layers.0.mixer.in_proj": 6}}`:            3,
		`{"alpha_pattern": {"backbone\\.layers\\.[1-9]\\.mixer\\.in_proj": 6}}`: 4,
		`{"alpha_pattern": {"in_proj": 0}}`:                                     0,
		`{"alpha_pattern": {"in_proj": -1}, "use_rslora": true}`:                -1 / math.Sqrt(2),
	} {
		if got := scaleWith(t, text); got != want {
			t.Errorf("%s: scale %g, want %g", text, got, want)
		}
	}
}

// scaleWith is the scale of a product of rank 2 where the config says so.
func scaleWith(t *testing.T, text string) float64 {
	t.Helper()
	dir := inProjOnly(t, 1, asItIs).Write(t)
	all := `{"peft_type": "LORA", "r": 2`
	if text != "{}" {
		all += ", "
	}
	if err := os.WriteFile(filepath.Join(dir, "adapter_config.json"), []byte(all+text[1:]), 0o666); err != nil {
		t.Fatal(err)
	}
	files, err := peft.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	scale, err := files.Scale(&files.Products[0])
	if err != nil {
		t.Fatal(err)
	}
	return scale
}

// A head that is tied can be asked for too.
func TestAdaptedTargetsOfATiedModel(t *testing.T) {
	ck := open(t, "testdata/half", Options{})
	info, _ := ck.Lookup(firstInProj + ".weight")
	a := pefttest.New(2, 4)
	a.Add(firstInProj, info.Shape, 2, "F32")
	a.Config["target_modules"] = []string{"lm_head"}
	_, err := Adapted(ck, []Adapter{{Path: a.Write(t)}})
	wantLine(t, "lm_head", err, "has nothing for lm_head,")
}

// Every formula but LoRA's is refused by the key that asks for it.
func TestAdaptedVariants(t *testing.T) {
	for key, value := range map[string]any{"use_qalora": true, "use_bdlora": true, "arrow_config": map[string]int{"k": 1},
		"megatron_config": map[string]int{"k": 1}, "init_lora_weights": "LoftQ", "use_dora": true, "lora_bias": true,
		"kasa_config": map[string]any{"beta": 1}, "monteclora_config": map[string]any{"num_samples": 1}} {
		a := inProjOnly(t, 1, asItIs)
		a.Config[key] = value
		wantLine(t, key, readAdapted(a.Write(t)), key)
	}
	a := inProjOnly(t, 1, asItIs)
	a.Config["use_qalora"] = true
	wantLine(t, "use_qalora", readAdapted(a.Write(t)), "QALoRA")
	for _, name := range []string{"olora", "corda", "lora_ga", "pissa"} {
		a := inProjOnly(t, 1, asItIs)
		a.Config["init_lora_weights"] = name
		wantLine(t, name, readAdapted(a.Write(t)), name)
	}
	for key, value := range map[string]any{"use_dora": false, "velora_config": map[string]int{"num_groups": 1}, "loftq_config": map[string]int{}, "arrow_config": nil,
		"init_lora_weights": "eva", "trainable_token_indices": nil, "runtime_config": map[string]any{"x": 1}} {
		a := inProjOnly(t, 1, asItIs)
		a.Config[key] = value
		wantLine(t, key, readAdapted(a.Write(t)), "")
	}
}

// A tensor has one name in a file.
func TestAdaptedTensorTwice(t *testing.T) {
	for _, name := range []string{".lora_A.weight", ".lora_B.weight"} {
		a := inProjOnly(t, 1, asItIs)
		a.Tensors[firstInProj+name] = a.Tensors["base_model.model."+firstInProj+name]
		wantLine(t, name, readAdapted(a.Write(t)), "are of one factor")
	}
	a := inProjOnly(t, 1, asItIs)
	a.AddWhole("backbone.norm_f.modules_to_save.weight", []int{64}, "F32")
	wantLine(t, "modules_to_save", readAdapted(a.Write(t)), "")
	a.AddWhole("backbone.norm_f.weight", []int{64}, "F32")
	wantLine(t, "norm_f twice", readAdapted(a.Write(t)), "is there twice")
}

// Scales are bounded, and the files of adapters are closed with the model.
func TestAdaptedScaleAndClose(t *testing.T) {
	dir := inProjOnly(t, 1, asItIs).Write(t)
	ck, err := Open("testdata/tiny", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, scale := range []float64{1e7, -1e7, math.Inf(1), math.NaN()} {
		_, err := Adapted(ck, []Adapter{{Path: dir, Scale: scale}})
		wantLine(t, fmt.Sprint(scale), err, "want a number such as 0.5 or 1")
	}
	got, err := Adapted(ck, []Adapter{{Path: dir}})
	if err != nil {
		t.Fatal(err)
	}
	files := got.(*adapted).adapters[0]
	if err := got.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := files.Factors(&files.Products[0], 0, 1); !errors.Is(err, os.ErrClosed) {
		t.Errorf("reading a closed adapter: %v", err)
	}
}

// A packed model says how many matrices were packed again.
func TestAdaptedNotesWhatIsPackedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.gguf")
	if _, err := WriteGGUF(context.Background(), path, open(t, "testdata/tiny", Options{}),
		GGUFOptions{Type: backend.Q8_0}); err != nil {
		t.Fatal(err)
	}
	dir := inProjOnly(t, 2, asItIs).Write(t)
	notes := strings.Join(Notes(open(t, path, Options{Adapters: []Adapter{{Path: dir}}})), "\n")
	if !strings.Contains(notes, "2 matrices of q8_0 were unpacked, adapted, and packed again") {
		t.Errorf("notes %q", notes)
	}
	notes = strings.Join(Notes(open(t, "testdata/tiny", Options{Adapters: []Adapter{{Path: dir}}})), "\n")
	if strings.Contains(notes, "packed again") {
		t.Errorf("notes of what is not packed %q", notes)
	}
}

// An adapter of the model without its head has names without "backbone.", and is whole all the same.
func TestAdaptedOfTheBody(t *testing.T) {
	bare := func(module string) string { return strings.TrimPrefix(module, "backbone.") }
	a, full := inProjOnly(t, 3, bare), inProjOnly(t, 3, asItIs)
	for name := range full.Tensors {
		full.Tensors[name] = a.Tensors[strings.Replace(name, "backbone.", "", 1)]
	}
	a.Config["target_modules"] = []string{"in_proj"}
	got := open(t, "testdata/tiny", Options{Adapters: []Adapter{{Path: a.Write(t)}}})
	want := open(t, "testdata/tiny", Options{Adapters: []Adapter{{Path: full.Write(t)}}})
	for _, info := range want.Tensors() {
		if !bytes.Equal(data(t, got, info.Name), data(t, want, info.Name)) {
			t.Errorf("%s differs", info.Name)
		}
	}
	a = inProjOnly(t, 2, bare)
	a.Config["target_modules"] = []string{"in_proj"}
	wantLine(t, "a layer too few", readAdapted(a.Write(t)), "has nothing for backbone.layers.2.mixer.in_proj")
}

// A file that is made to mislead, or to take long, is an error of one line.
func TestAdaptedHostile(t *testing.T) {
	ck := open(t, "testdata/tiny", Options{})
	in, _ := ck.Lookup(firstInProj + ".weight")
	embedding, _ := ck.Lookup(embeddingName)
	const escape = "x\n\x1b[2Jfmgen: ok"
	for name, c := range map[string]struct {
		bend func(a *pefttest.Adapter)
		want string
	}{
		"an escape in a module": {func(a *pefttest.Adapter) { a.Add(escape, []int{4, 4}, 2, "F32") },
			`x\n\x1b[2Jfmgen`},
		"an escape in a tensor": {func(a *pefttest.Adapter) { a.AddWhole(escape, []int{4, 4}, "F32") },
			"cannot be shown"},
		"an escape in a key": {func(a *pefttest.Adapter) { a.Config["use_"+escape] = true }, `use_x\n`},
		"an escape in the base": {func(a *pefttest.Adapter) {
			a.Config["base_model_name_or_path"] = escape
			a.Add("lm_head", []int{5, 64}, 2, "F32")
		}, `which it calls "x\n`},
		"an escape in a pattern": {func(a *pefttest.Adapter) { a.Config["rank_pattern"] = map[string]int{escape + "(": 2} },
			`x\n\x1b[2J`},
		"one layer by two names": {func(a *pefttest.Adapter) { a.Add("layers.0.mixer.in_proj", in.Shape, 2, "F32") },
			"twice, under several names"},
		"one embedding by two names": {func(a *pefttest.Adapter) {
			a.AddEmbedding("backbone.embedding", embedding.Shape, 2, "F32")
			a.AddEmbedding("embeddings", embedding.Shape, 2, "F32")
		}, "twice, under several names"},
		"a huge alpha": {func(a *pefttest.Adapter) { a.Config["lora_alpha"] = 1e300 }, "adapter_config.json says"},
		"a huge alpha of one": {func(a *pefttest.Adapter) {
			a.Config["alpha_pattern"] = map[string]float64{"in_proj": -1e39}
		}, "adapter_config.json says"},
		// Patterns are tried for what the model has, however many modules a file names.
		"a foreign module of another rank": {func(a *pefttest.Adapter) { a.Add("foreign", []int{4, 4}, 3, "F32") },
			"foreign is no part of the model"},
		"a long pattern": {func(a *pefttest.Adapter) {
			a.Config["rank_pattern"] = map[string]int{strings.Repeat("x", 4000): 2}
		}, "4000 bytes"},
		"a large pattern": {func(a *pefttest.Adapter) {
			a.Config["alpha_pattern"] = map[string]int{strings.Repeat("x{1000}", 100): 2}
		}, "too large"},
		"large patterns": {func(a *pefttest.Adapter) {
			p := map[string]int{}
			for i := range 200 {
				p[fmt.Sprintf(`(ab?\d){200}%d`, i)] = 2
			}
			a.Config["rank_pattern"] = p
		}, "too large"},
	} {
		a := inProjOnly(t, 1, asItIs)
		c.bend(a)
		wantLine(t, name, readAdapted(a.Write(t)), c.want)
	}
	a := inProjOnly(t, 1, asItIs)
	a.Config["lora_alpha"] = 1e37
	_, err := Adapted(ck, []Adapter{{Path: a.Write(t), Scale: 1e5}})
	wantLine(t, "a huge scale", err, "5e+41")
	a.Config["lora_alpha"] = 3e38
	dir := a.Write(t)
	wantLine(t, "a product that is too large", readAdapted(dir), "")
	b := a.Tensors["base_model.model."+firstInProj+".lora_B.weight"].Values
	b[0], b[1] = 1e30, 1e30
	dir = a.Write(t)
	wantLine(t, "a product that is too large", readAdapted(dir), dir)

	// What a note quotes is text.
	a = inProjOnly(t, 1, asItIs)
	a.Config["base_model_name_or_path"] = escape
	notes := Notes(open(t, "testdata/tiny", Options{Adapters: []Adapter{{Path: a.Write(t)}}}))
	if text := strings.Join(notes, " "); strings.ContainsAny(text, "\n\x1b") || !strings.Contains(text, "fmgen: ok") {
		t.Errorf("notes %q", notes)
	}
	// Of as many patterns as a large model has matrices, none is refused.
	p := map[string]int{}
	for i := range 64 {
		for _, module := range []string{"in_proj", "x_proj", "dt_proj", "out_proj"} {
			p[fmt.Sprintf("backbone.layers.%d.mixer.%s", i, module)] = 2
		}
	}
	a.Config["rank_pattern"] = p
	wantLine(t, "a pattern for each module", readAdapted(a.Write(t)), "")
}

// Of a key that is there twice the last counts, in its first place: as in PEFT, which reads objects as Python does.
func TestAdaptedTwiceInAPattern(t *testing.T) {
	for text, want := range map[string]float64{
		`{"alpha_pattern": {"in_proj": 8, ".*proj": 6, "in_proj": 12}}`:           6,
		`{"alpha_pattern": {"in_proj": 8}, "alpha_pattern": {"layers.*proj": 2}}`: 1,
	} {
		if got := scaleWith(t, text); got != want {
			t.Errorf("%s: scale %g, want %g", text, got, want)
		}
	}
}

// ensure_weight_tying concerns an adapter of the embedding or the head, whatever another one adapts.
func TestAdaptedTies(t *testing.T) {
	ck := open(t, "testdata/half", Options{})
	head, in := pefttest.New(2, 2), pefttest.New(2, 2)
	info, _ := ck.Lookup(embeddingName)
	head.Add("lm_head", info.Shape, 2, "F32")
	info, _ = ck.Lookup(firstInProj + ".weight")
	in.Add(firstInProj, info.Shape, 2, "F32")
	in.Config["ensure_weight_tying"] = true
	_, err := Adapted(ck, []Adapter{{Path: head.Write(t)}, {Path: in.Write(t)}})
	wantLine(t, "in_proj", err, "")
	head.Config["ensure_weight_tying"] = true
	_, err = Adapted(ck, []Adapter{{Path: head.Write(t)}})
	wantLine(t, "the head", err, "ensure_weight_tying")
}

// PEFT saves the embedding and the head beside an adapter of one: where they are the model's own, nothing takes their
// place, so that the adapter has any scale, and there may be several.
func TestAdaptedSavesTheModelsOwn(t *testing.T) {
	for _, model := range []string{"testdata/tiny", "testdata/half"} {
		ck := open(t, model, Options{})
		info, _ := ck.Lookup(embeddingName)
		make1 := func(product bool) *pefttest.Adapter {
			a := pefttest.New(2, 2)
			if product {
				a.Add("lm_head", info.Shape, 2, "F32")
			}
			for module, name := range map[string]string{"lm_head.base_layer": headName, "backbone.embeddings": embeddingName} {
				a.AddWhole(module+".weight", info.Shape, "F32")
				if _, ok := ck.Lookup(name); !ok {
					name = embeddingName
				}
				copy(a.Tensors["base_model.model."+module+".weight"].Values, floats(t, ck, name))
			}
			return a
		}
		a := make1(true)
		dir, bare := a.Write(t), pefttest.New(2, 2)
		bare.Add("lm_head", info.Shape, 2, "F32")
		got := open(t, model, Options{Adapters: []Adapter{{Path: dir, Scale: 0.5}, {Path: dir}}})
		path := bare.Write(t)
		want := open(t, model, Options{Adapters: []Adapter{{Path: path, Scale: 0.5}, {Path: path}}})
		for _, info := range want.Tensors() {
			if !bytes.Equal(data(t, got, info.Name), data(t, want, info.Name)) {
				t.Errorf("%s: %s differs", model, info.Name)
			}
		}
		_, err := Adapted(ck, []Adapter{{Path: make1(false).Write(t)}})
		wantLine(t, "nothing but the model's own", err, "changes nothing")
		last := a.Tensors["base_model.model.backbone.embeddings.weight"].Values
		last[len(last)-1]++
		_, err = Adapted(ck, []Adapter{{Path: a.Write(t), Scale: 0.5}})
		wantLine(t, "another embedding", err, "no scale but 1")
		last[len(last)-1] = float32(math.NaN())
		_, err = Adapted(ck, []Adapter{{Path: a.Write(t)}})
		wantLine(t, "an embedding with NaN", err, "NaN at element")
	}
}

// The factors of an embedding, which are transposed, are others than those of a layer with the same numbers.
func TestAdaptersIdentity(t *testing.T) {
	layer, embedding := pefttest.New(2, 2), pefttest.New(2, 2)
	layer.Add("x", []int{8, 8}, 2, "F32")
	embedding.AddEmbedding("x", []int{8, 8}, 2, "F32")
	embedding.Tensors["base_model.model.x.lora_embedding_A"] = layer.Tensors["base_model.model.x.lora_A.weight"]
	embedding.Tensors["base_model.model.x.lora_embedding_B"] = layer.Tensors["base_model.model.x.lora_B.weight"]
	var of [2]bytes.Buffer
	for i, a := range []*pefttest.Adapter{layer, embedding} {
		files, err := peft.Open(a.Write(t))
		if err != nil {
			t.Fatal(err)
		}
		defer files.Close()
		if err := files.Identify(&of[i]); err != nil {
			t.Fatal(err)
		}
	}
	if bytes.Equal(of[0].Bytes(), of[1].Bytes()) {
		t.Error("a layer and an embedding are told apart by nothing")
	}
}
