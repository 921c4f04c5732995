package falconmamba

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/safetensors"
	"falconmamba/engine"
	"falconmamba/internal/disk"
	"falconmamba/internal/words"
)

// A Snapshot is a session at one moment, in the host's memory: its text, and
// the state after it. It is of constant size but for the text, does not depend
// on the backend, and may be restored any number of times.
type Snapshot struct {
	m    *Model
	at   engine.Snapshot
	typ  backend.DType // what the device stored the state as
	chat string        // the conversation, where it is one's, as Chat.Save writes it
	key  string        // of the cache, where it is one of its states
}

// StateType is what the device that the snapshot was taken on stored its states as, so
// what its numbers were rounded to, see Options.Engine.
func (n *Snapshot) StateType() backend.DType { return n.typ }

// Tokens returns the text of the snapshot. It must not be changed.
func (n *Snapshot) Tokens() []int32 { return n.at.Tokens }

// Snapshot copies the session. It may wait for memory of the device until ctx ends.
func (s *Session) Snapshot(ctx context.Context) (*Snapshot, error) {
	at, err := s.seq.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return &Snapshot{m: s.m, at: at, typ: s.m.e.StateType()}, nil
}

// Restore puts the session where n was taken, whatever it held. It may wait for memory of the device until ctx ends;
// the session stays as it was then.
func (s *Session) Restore(ctx context.Context, n *Snapshot) error {
	if err := s.seq.Usable(); err != nil {
		return err
	}
	if n == nil {
		return errors.New("no snapshot to restore: want one that Snapshot or LoadSnapshot returned")
	}
	if n.m != s.m {
		return errors.New("the snapshot is of another model: save it to a file and load that")
	}
	return s.seq.Restore(ctx, n.at)
}

// A State is what the model keeps of a text, layer by layer, after its last
// token.
type State struct {
	Conv [][]float32 // [intermediate_size][conv_kernel−1], oldest first
	SSM  [][]float32 // [intermediate_size][state_size]
}

// State reads what is pending and returns the state after the whole text.
func (s *Session) State(ctx context.Context) (*State, error) {
	all, err := s.seq.State(ctx)
	if err != nil {
		return nil, err
	}
	return split(s.m.Config(), all), nil
}

// split cuts a state into layers.
func split(c *checkpoint.Config, all []float32) *State {
	st := &State{}
	conv, ssm := c.IntermediateSize*(c.ConvKernel-1), c.IntermediateSize*c.StateSize
	for range c.NumHiddenLayers {
		st.Conv = append(st.Conv, all[:conv:conv])
		st.SSM = append(st.SSM, all[conv:conv+ssm:conv+ssm])
		all = all[conv+ssm:]
	}
	return st
}

// State files are safetensors: conv_state.I and ssm_state.I of every layer,
// tokens, and in the metadata what the state belongs to.
const (
	stateFamily = "falconmamba-state-" // of every version
	stateFormat = stateFamily + "1"
	maxTokens   = 1 << 30
)

// Save writes the snapshot to a file, which appears when it is complete. Only its owner may
// read it: it holds the text. Nothing but a saved state is replaced, see CheckStateFile.
func (n *Snapshot) Save(path string) error {
	meta, tensors, data, err := n.file()
	if err != nil {
		return err
	}
	if err := CheckStateFile(path); err != nil {
		return err
	}
	return safetensors.WriteFile(path, 0o600, meta, tensors, data)
}

// CheckStateFile reports why a state cannot be saved at path: something else than a state is
// there, a model say, and would be lost. Nothing, or an empty file, is no reason.
func CheckStateFile(path string) error {
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !st.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file: the state cannot be saved there", path)
	case st.Size() == 0:
		return nil
	}
	f, err := disk.OpenShared(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h, err := safetensors.ReadHeader(f, st.Size())
	if err != nil || !strings.HasPrefix(h.Metadata["format"], stateFamily) {
		return fmt.Errorf("%s is there and no saved state: it is not replaced; name another file, or remove it", path)
	}
	return nil
}

// WriteTo writes the snapshot as Save does.
func (n *Snapshot) WriteTo(w io.Writer) (int64, error) {
	meta, tensors, data, err := n.file()
	if err != nil {
		return 0, err
	}
	c := &counter{w: w}
	err = safetensors.Write(c, meta, tensors, data)
	return c.n, err
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// file lays the snapshot out.
func (n *Snapshot) file() (map[string]string, []safetensors.Tensor, func(io.Writer, safetensors.Tensor) error, error) {
	print, err := n.m.Fingerprint()
	if err != nil {
		return nil, nil, nil, err
	}
	c := n.m.Config()
	meta := map[string]string{"format": stateFormat, "fingerprint": stateFingerprint(print, n.typ),
		"model": modelName(c), "fed": strconv.Itoa(n.at.Fed), "drawn": strconv.FormatUint(uint64(n.at.Drawn), 10)}
	if n.chat != "" {
		meta["chat"] = n.chat
	}
	if n.key != "" {
		meta["cache"] = n.key
	}
	if !n.at.Alien {
		meta["arithmetic"] = n.m.e.Arithmetic()
	}
	st := split(c, n.at.State)
	tensors := []safetensors.Tensor{{Name: "tokens", DType: "I32", Shape: []int{len(n.at.Tokens)}}}
	values := map[string][]byte{"tokens": words.Bytes(n.at.Tokens)}
	add := func(name string, v []float32, cols int) {
		tensors = append(tensors, safetensors.Tensor{Name: name, DType: "F32", Shape: []int{c.IntermediateSize, cols}})
		values[name] = words.Bytes(v)
	}
	for i := range st.SSM {
		add(convName(i), st.Conv[i], c.ConvKernel-1)
		add(ssmName(i), st.SSM[i], c.StateSize)
	}
	sum := checksumOf(meta)
	for _, t := range tensors {
		sum = crc32.Update(sum, castagnoli, values[t.Name])
	}
	meta["crc32c"] = strconv.FormatUint(uint64(sum), 16)
	return meta, tensors, func(w io.Writer, t safetensors.Tensor) error {
		_, err := w.Write(values[t.Name])
		return err
	}, nil
}

// castagnoli is the polynomial of a state file's checksum, which processors have instructions for.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checksumOf returns the checksum of what a state file says of its state. What follows are the
// tokens, and the states of each layer.
func checksumOf(meta map[string]string) uint32 {
	said := strings.Join([]string{meta["fingerprint"], meta["fed"], meta["drawn"], meta["cache"], meta["chat"]}, "\x00")
	if x := meta["arithmetic"]; x != "" { // not in files of earlier builds
		said += "\x00" + x
	}
	return crc32.Checksum([]byte(said), castagnoli)
}

// modelName says in a state file, for people, whose state it is.
func modelName(c *checkpoint.Config) string {
	return fmt.Sprintf("%s with %d layers of %d and %d tokens",
		c.ModelType, c.NumHiddenLayers, c.HiddenSize, c.VocabSize)
}

// stateFingerprint is what a state file says of the model and of what the device stored
// the state as: the checkpoint's fingerprint, and behind it the type where it is not
// float32. The file's numbers are float32 all the same.
func stateFingerprint(print string, typ backend.DType) string {
	if typ == backend.F32 {
		return print
	}
	return print + "-" + typ.String()
}

// storedType returns the type that a state's fingerprint says, for the checkpoint of
// print; 0 if it is another checkpoint's.
func storedType(got, print string) backend.DType {
	for _, typ := range []backend.DType{backend.F32, backend.F16, backend.BF16} {
		if got == stateFingerprint(print, typ) {
			return typ
		}
	}
	return 0
}

func convName(i int) string { return fmt.Sprintf("conv_state.%d", i) }
func ssmName(i int) string  { return fmt.Sprintf("ssm_state.%d", i) }

// LoadSnapshot reads a snapshot from a file that Save wrote, on any backend and with
// states of any type. A file of another model is refused, and a state that holds a NaN. Restore
// does not look again.
func (m *Model) LoadSnapshot(path string) (*Snapshot, error) {
	if err := CheckSaved(path); err != nil {
		return nil, err
	}
	f, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	n, err := m.snapshot(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// CheckSaved reports why no state can be loaded from path, as far as that is seen before a model is there: nothing has
// the name, which is an fs.ErrNotExist, or it is no file.
func CheckSaved(path string) error {
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missingState(path)
	case err == nil && !st.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file: want a saved state", path)
	}
	return err
}

// A missingState is the path that no file has: an fs.ErrNotExist.
type missingState string

func (e missingState) Error() string {
	return fmt.Sprintf("no file at %s: want a saved state", string(e))
}

func (e missingState) Is(target error) bool { return target == fs.ErrNotExist }

// ReadSnapshot is LoadSnapshot for a file that was read already.
func (m *Model) ReadSnapshot(data []byte) (*Snapshot, error) {
	f, err := safetensors.Parse(data)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return m.snapshot(f)
}

func (m *Model) snapshot(f *safetensors.File) (*Snapshot, error) {
	if got := f.Metadata["format"]; got != stateFormat {
		return nil, fmt.Errorf("not a saved state: its format is %q, want %q", got, stateFormat)
	}
	print, err := m.Fingerprint()
	if err != nil {
		return nil, err
	}
	got := f.Metadata["fingerprint"]
	typ := storedType(got, print)
	if typ == 0 {
		other := f.Metadata["model"]
		if here := modelName(m.Config()); other == here {
			other += " with other weights" // or the same, quantised
		} else if other == "" {
			other = "one that it does not name"
		}
		return nil, fmt.Errorf("a state of another model: of %.100s, and this is %s "+
			"(fingerprints %.8s and %.8s, to which adapters belong)", other, modelName(m.Config()), got, print)
	}
	n := &Snapshot{m: m, typ: typ, chat: f.Metadata["chat"], key: f.Metadata["cache"]}
	n.at.Alien = f.Metadata["arithmetic"] != m.e.Arithmetic()
	tokens, ok := f.Lookup("tokens")
	if !ok || tokens.DType != "I32" || len(tokens.Shape) != 1 || tokens.Shape[0] > maxTokens {
		return nil, errors.New("a broken state: it has no tensor tokens of type I32")
	}
	sum := crc32.Update(checksumOf(f.Metadata), castagnoli, f.Bytes(tokens))
	n.at.Tokens = make([]int32, tokens.Shape[0])
	copy(words.Bytes(n.at.Tokens), f.Bytes(tokens))
	if err := m.e.CheckIDs(n.at.Tokens); err != nil {
		return nil, fmt.Errorf("a broken state: %w", err)
	}
	if n.at.Fed, err = strconv.Atoi(f.Metadata["fed"]); err != nil || n.at.Fed < 0 || n.at.Fed > len(n.at.Tokens) {
		return nil, fmt.Errorf("a broken state: fed is %q for %d tokens", f.Metadata["fed"], len(n.at.Tokens))
	}
	if drawn, ok := f.Metadata["drawn"]; ok { // not in files of earlier builds
		v, err := strconv.ParseUint(drawn, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("a broken state: drawn is %q, want a number of tokens", drawn)
		}
		n.at.Drawn = uint32(v)
	}
	c := m.Config()
	n.at.State = make([]float32, 0, c.StateBytes()/4)
	nan := "" // the first tensor that holds one
	for i := range c.NumHiddenLayers {
		for _, want := range []struct {
			name string
			cols int
		}{{convName(i), c.ConvKernel - 1}, {ssmName(i), c.StateSize}} {
			v, shape, err := f.Floats(want.name)
			if err != nil {
				return nil, fmt.Errorf("a broken state: %w", err)
			}
			if !slices.Equal(shape, []int{c.IntermediateSize, want.cols}) {
				return nil, fmt.Errorf("a broken state: %s has shape %v, want [%d %d]",
					want.name, shape, c.IntermediateSize, want.cols)
			}
			if nan == "" && slices.ContainsFunc(v, func(x float32) bool { return x != x }) { // NaN differs from itself
				nan = want.name
			}
			n.at.State = append(n.at.State, v...)
			sum = crc32.Update(sum, castagnoli, words.Bytes(v))
		}
	}
	// Files of earlier builds have none.
	if want, ok := f.Metadata["crc32c"]; (ok || n.key != "") && want != strconv.FormatUint(uint64(sum), 16) {
		return nil, fmt.Errorf("a damaged state: its checksum is %x, want %.8s", sum, want)
	}
	if nan != "" {
		return nil, fmt.Errorf("a broken state: %s holds a NaN, and every text from there would", nan)
	}
	return n, nil
}

// Save writes the session to a file, see Snapshot.Save.
func (s *Session) Save(ctx context.Context, path string) error {
	n, err := s.Snapshot(ctx)
	if err != nil {
		return err
	}
	return n.Save(path)
}

// Load restores the session from a file, see Model.LoadSnapshot.
func (s *Session) Load(ctx context.Context, path string) error {
	if err := s.seq.Usable(); err != nil {
		return err
	}
	n, err := s.m.LoadSnapshot(path)
	if err != nil {
		return err
	}
	return s.Restore(ctx, n)
}
