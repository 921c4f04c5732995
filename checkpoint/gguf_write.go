package checkpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"falconmamba/backend"
	"falconmamba/backend/quant"
	"falconmamba/checkpoint/gguf"
	"falconmamba/internal/regular"
	"falconmamba/internal/words"
	"falconmamba/text/tokenizer"
)

// GGUFOptions say how a GGUF file is written.
type GGUFOptions struct {
	// Type is what the matrices are stored as: a plain type, or a block type,
	// which then spares the head, x_proj and dt_proj as Quantized does. 0 keeps
	// each tensor's type.
	Type backend.DType

	// More, if not 0, is the type of some out_proj, see QuantMix.
	More backend.DType

	// Name becomes general.name; "" is the name of the file.
	Name string

	// Replace lets the file take the place of another. Else another file there is
	// an error.
	Replace bool

	// Progress, if not nil, is called after each tensor with the bytes written, and
	// with the bytes of all tensors.
	Progress func(done, total int64)
}

// ggufBlockTypes lists the block types that GGUF can hold. It has no place for
// bitsandbytes' codebooks.
func ggufBlockTypes() []string {
	return slices.DeleteFunc(quantNames(), func(n string) bool { return n == "nf4" || n == "fp4" })
}

// WriteGGUF writes ck to a GGUF file of architecture mamba, with the keys and
// tensors that llama.cpp asks for: everything but the matrices is float32, and A
// is −exp(A_log). Beside them it stores, under keys of its own, mixer_rms_eps and
// the ids that end a text, and tokenizer.json as it is. Tensors are converted on
// all cores, a few megabytes at a time. The file appears when it is complete, and
// not at all where ctx ends before.
//
// notes are lines for people: what was not stored as asked, and what llama.cpp will
// read otherwise or not at all.
func WriteGGUF(ctx context.Context, path string, ck Checkpoint, o GGUFOptions) (notes []string, err error) {
	for _, t := range []backend.DType{o.Type, o.More} {
		if t != 0 && (!quant.Encodes(t) || t == backend.NF4 || t == backend.FP4) {
			return nil, fmt.Errorf("%s: writing %v is not supported: want f32, f16, bf16 or one of %s",
				path, t, strings.Join(ggufBlockTypes(), ", "))
		}
	}
	if o.Name == "" {
		o.Name = strings.TrimSuffix(filepath.Base(path), ".gguf")
	}
	w := &ggufWriter{ctx: ctx, ck: ck, o: o, source: map[string]TensorInfo{}}
	if err := w.plan(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := w.keys(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := gguf.WriteFile(path, o.Replace, w.table, w.tensors, w.data); err != nil {
		return nil, err
	}
	return w.notes, nil
}

type ggufWriter struct {
	ctx         context.Context
	ck          Checkpoint
	o           GGUFOptions
	table       []gguf.Key
	tensors     []gguf.Tensor
	source      map[string]TensorInfo // by the name in the file; none for zeros
	notes       []string
	done, total int64
}

// plan lists the tensors with their types.
func (w *ggufWriter) plan() error {
	c := w.ck.Config()
	if act, err := backend.ParseActivation(c.HiddenAct); err != nil {
		return err
	} else if act != backend.SiLU {
		return fmt.Errorf("hidden_act is %s: mamba in GGUF knows silu only", c.HiddenAct)
	}
	var fallback fallbacks
	var twice backend.DType
	for _, info := range w.ck.Tensors() {
		name := info.Name
		t := backend.F32
		if isMatrix(name) {
			switch t = (QuantMix{w.o.Type, w.o.More}).typeOf(name, c.NumHiddenLayers); {
			case t == 0:
				t = info.Type
			case t.Block() > 1:
				stored := info
				if stored.Type == backend.NF4 || stored.Type == backend.FP4 {
					stored.Type = backend.BF16 // cannot stay as it is
				}
				t = matrixType(stored, c.Tied(), t, &fallback)
			}
			if t == backend.NF4 || t == backend.FP4 {
				return fmt.Errorf("tensor %s is %v, which GGUF does not have: name another type", name, t)
			}
		}
		if losesTwice(info.Type, t) {
			twice = info.Type
		}
		w.add(ggufName(decayName(name)), info, t)
		if p, ok := strings.CutSuffix(name, "conv1d.weight"); ok && !c.UseConvBias {
			bias := gguf.Tensor{Name: ggufName(p + "conv1d.bias"), Type: backend.F32, Shape: []int{c.IntermediateSize}}
			w.tensors = append(w.tensors, bias)
		}
	}
	for _, t := range w.tensors {
		w.total += t.Type.RowBytes(int(elements(t.Shape)))
	}
	w.notes = append(append(w.notes, fallback.notes()...), twiceNote(twice)...)
	if c.IntermediateSize != 2*c.HiddenSize {
		w.notes = append(w.notes, fmt.Sprintf("llama.cpp does not load this file: "+
			"it wants an inner size of twice the width, not %d of %d", c.IntermediateSize, c.HiddenSize))
	}
	if c.UseBias {
		w.notes = append(w.notes, "llama.cpp does not load this file: it has no biases of in_proj and out_proj")
	}
	if c.FalconMamba() && float32(c.MixerRMSEps) != float32(c.LayerNormEpsilon) {
		w.notes = append(w.notes, fmt.Sprintf("llama.cpp will take %g for mixer_rms_eps, which is %g: "+
			"GGUF has no key for it", c.LayerNormEpsilon, c.MixerRMSEps))
	}
	return nil
}

func (w *ggufWriter) add(name string, info TensorInfo, t backend.DType) {
	shape := info.Shape
	if len(shape) == 3 { // conv1d [D, 1, K]
		shape = []int{shape[0], shape[2]}
	}
	w.tensors = append(w.tensors, gguf.Tensor{Name: name, Type: t, Shape: shape})
	w.source[name] = info
}

// fileTypes are llama.cpp's numbers for files by the type of most weights (llama.h,
// enum llama_ftype). quantMixes has more of them.
var fileTypes = map[backend.DType]uint32{
	backend.F32: 0, backend.F16: 1, backend.BF16: 32, backend.Q4_0: 2, backend.Q4_1: 3, backend.Q8_0: 7,
	backend.Q5_0: 8, backend.Q5_1: 9, backend.Q2_K: 10, backend.Q6_K: 18, backend.IQ4_NL: 25, backend.IQ4_XS: 30,
}

// fileType is llama.cpp's number for the file, by the type with most elements.
func (w *ggufWriter) fileType() uint32 {
	count := map[backend.DType]int64{}
	most := backend.F32
	for _, t := range w.tensors {
		if count[t.Type] += elements(t.Shape); count[t.Type] > count[most] {
			most = t.Type
		}
	}
	mix := QuantMix{Type: most}
	if most == w.o.Type {
		mix.More = w.o.More
	}
	for _, m := range quantMixes {
		if m.mix == mix {
			return m.number
		}
	}
	return fileTypes[most]
}

func (w *ggufWriter) key(name string, v gguf.Value) {
	w.table = append(w.table, gguf.Key{Name: name, Value: v})
}

func (w *ggufWriter) keys() error {
	c := w.ck.Config()
	word := func(name string, n int) { w.key(name, gguf.Word(uint32(n))) }
	w.key("general.architecture", gguf.Text("mamba"))
	w.key("general.type", gguf.Text("model"))
	w.key("general.name", gguf.Text(w.o.Name))
	w.key("general.file_type", gguf.Word(w.fileType()))
	word("general.quantization_version", 2)
	word("mamba.context_length", 1<<20) // what llama.cpp's converter says of any Mamba
	word("mamba.embedding_length", c.HiddenSize)
	word("mamba.feed_forward_length", 0)
	word("mamba.attention.head_count", 0)
	word("mamba.block_count", c.NumHiddenLayers)
	word("mamba.vocab_size", c.VocabSize)
	word("mamba.ssm.conv_kernel", c.ConvKernel)
	word("mamba.ssm.inner_size", c.IntermediateSize)
	word("mamba.ssm.state_size", c.StateSize)
	word("mamba.ssm.time_step_rank", c.TimeStepRank)
	w.key("mamba.attention.layer_norm_rms_epsilon", gguf.Single(float32(c.LayerNormEpsilon)))
	w.key("mamba.ssm.dt_b_c_rms", gguf.Truth(c.FalconMamba()))
	if c.FalconMamba() {
		w.key(mixerEpsKey, gguf.Double(c.MixerRMSEps))
	}
	w.sampling()
	if len(w.ck.Generation().StopStrings) > 0 {
		w.notes = append(w.notes, "GGUF has no room for stop_strings: give them with --stop")
	}
	return w.tokenizer()
}

// tokenizer writes the keys of the checkpoint's tokenizer, where it has one.
func (w *ggufWriter) tokenizer() error {
	var tok *tokenizer.Tokenizer
	var text []byte
	if files := w.ck.Files(); files != nil {
		var err error
		if tok, err = tokenizer.Load(files, "."); err == nil {
			text, err = regular.ReadFS(files, "tokenizer.json", maxCopied)
		}
		if err == nil {
			text, err = tok.Complete(text)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if tok == nil {
		w.key("tokenizer.ggml.model", gguf.Text("no_vocab"))
		w.specialIDs()
		return nil
	}
	c := w.ck.Config()
	if tok.OwnVocabSize() > c.VocabSize {
		return fmt.Errorf("tokenizer.json has ids up to %d, but the model's vocab_size is %d: "+
			"they do not belong together", tok.OwnVocabSize()-1, c.VocabSize)
	}
	g, err := tok.GGUF()
	if err != nil {
		return fmt.Errorf("tokenizer.json: %w", err)
	}
	if g.Pre == "" {
		g.Pre = "default"
		w.notes = append(w.notes, "llama.cpp has no name for how this tokenizer cuts text, "+
			"and will cut it otherwise; tokenizer.json is stored too")
	}
	if n := len(g.Tokens) - c.VocabSize; n > 0 {
		g.Tokens, g.Types = g.Tokens[:c.VocabSize], g.Types[:c.VocabSize]
		w.notes = append(w.notes, fmt.Sprintf("the tokenizer has %d more tokens than the model: "+
			"only tokenizer.json, which is stored too, has them", n))
	}
	for id := len(g.Tokens); id < c.VocabSize; id++ {
		g.Tokens = append(g.Tokens, fmt.Sprintf("[PAD%d]", id))
		g.Types = append(g.Types, 5) // unused
	}
	w.key("tokenizer.ggml.model", gguf.Text("gpt2"))
	w.key("tokenizer.ggml.pre", gguf.Text(g.Pre))
	w.key("tokenizer.ggml.tokens", gguf.Texts(g.Tokens))
	w.key("tokenizer.ggml.token_type", gguf.Words(g.Types))
	w.key("tokenizer.ggml.merges", gguf.Texts(g.Merges))
	w.key("tokenizer.huggingface.json", gguf.Text(string(text)))
	w.specialIDs()
	w.key("tokenizer.ggml.add_bos_token", gguf.Truth(len(g.Prefix) > 0))
	w.key("tokenizer.ggml.add_eos_token", gguf.Truth(false))
	if t := tok.Config().ChatTemplate; t != "" {
		w.key("tokenizer.chat_template", gguf.Text(t))
	}
	return nil
}

// specialIDs writes the ids that end a text. GGUF has names for three: end of
// sequence, of turn, of message. stopKey has all of them.
func (w *ggufWriter) specialIDs() {
	gen := w.ck.Generation()
	var all []int32
	for i, id := range gen.EOSTokenIDs {
		all = append(all, int32(id))
		if names := []string{"eos_token_id", "eot_token_id", "eom_token_id"}; i < len(names) {
			w.key("tokenizer.ggml."+names[i], gguf.Word(uint32(id)))
		}
	}
	w.key(stopKey, gguf.Words(all))
	if gen.BOSTokenID >= 0 {
		w.key("tokenizer.ggml.bos_token_id", gguf.Word(uint32(gen.BOSTokenID)))
	}
	if gen.PadTokenID >= 0 {
		w.key("tokenizer.ggml.padding_token_id", gguf.Word(uint32(gen.PadTokenID)))
	}
}

// data writes one tensor.
func (w *ggufWriter) data(out io.Writer, t gguf.Tensor) (err error) {
	info, ok := w.source[t.Name]
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if !ok {
		_, err = out.Write(make([]byte, t.Size))
	} else {
		err = w.convert(out, t, info)
	}
	if w.done += t.Size; err == nil && w.o.Progress != nil {
		w.o.Progress(w.done, w.total)
	}
	return err
}

func (w *ggufWriter) convert(out io.Writer, t gguf.Tensor, info TensorInfo) error {
	if m := mergerOf(w.ck, info.Name); m != nil && info.Type != t.Type && !strings.HasSuffix(info.Name, ".A_log") {
		return w.parts(out, t, info, func(dst quant.Packed, at, n int) error { return m.merge(dst, info.Name, at, n) })
	}
	src, err := w.ck.Read(info.Name)
	if err != nil {
		return err
	}
	defer src.Release()
	if strings.HasSuffix(info.Name, ".A_log") {
		a, err := src.Float32()
		if err != nil {
			return err
		}
		Decay(a)
		_, err = out.Write(words.Bytes(a))
		return err
	}
	if src.Type == t.Type {
		_, err := out.Write(src.Data)
		return err
	}
	return w.parts(out, t, info, func(dst quant.Packed, at, n int) error {
		if err := quant.Convert(dst, src.Packed().Range(at, n), n); err != nil {
			return fmt.Errorf("tensor %s, from element %d on: %w", info.Name, at, err)
		}
		return nil
	})
}

// parts writes a tensor a few megabytes at a time, as fill stores elements at … at+n−1 of it.
func (w *ggufWriter) parts(out io.Writer, t gguf.Tensor, info TensorInfo,
	fill func(dst quant.Packed, at, n int) error) error {
	const part = 1 << 22 // elements: a multiple of every block
	n := int(info.Elements())
	dst := quant.New(t.Type, min(n, part))
	for at := 0; at < n; at += part {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		size := min(part, n-at)
		dst := dst.Range(0, size)
		if err := fill(dst, at, size); err != nil {
			return err
		}
		if _, err := out.Write(dst.Data); err != nil {
			return err
		}
	}
	return nil
}
