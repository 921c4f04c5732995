// Package falconmamba runs FalconMamba, a pure Mamba language model, on any
// GPU or on the processor, from within a Go program.
//
//	m, err := falconmamba.Open(ctx, "falcon-mamba-7b-instruct", nil)
//	…
//	defer m.Close()
//	s, err := m.NewSession()
//	…
//	defer s.Close()
//	for t, err := range s.Generate(ctx, "Once upon a time", nil) {
//		…
//		fmt.Print(t.Text)
//	}
//
// A [Model] is shared: any number of goroutines may use it. A [Session] is one
// text and belongs to one goroutine at a time. It holds a state of constant
// size however long the text is; the state can be saved, restored and forked
// without the text being read again.
//
// A server opens a session for each request, in the goroutine that answers it:
//
//	for t, err := range s.Generate(r.Context(), prompt, nil) {
//		if errors.Is(err, falconmamba.ErrQueueFull) {
//			… // 503: come again later
//		}
//		…
//		io.WriteString(w, t.Text)
//	}
//
// All texts join one running batch, and leave it when they end or their context does. A
// slow reader holds only its own. Options.Engine bounds how many run and wait, and how long
// prompts hold up those who write. [Model.Stats] counts what goes on, [Model.Shutdown] lets
// texts end first. The program examples/serve is such a server.
//
// Devices come from packages that are imported for their side effect, as with
// database/sql: import falconmamba/backend/all for what the platform has, or
// falconmamba/backend/cpu alone.
package falconmamba

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"falconmamba/backend"
	"falconmamba/checkpoint"
	"falconmamba/checkpoint/hub"
	"falconmamba/engine"
	"falconmamba/model"
	"falconmamba/text/constrain"
	"falconmamba/text/tokenizer"
)

// Options say how a model is opened, grouped by who reads them. The zero value,
// or nil, suits most.
type Options struct {
	// Backend names the device: "cpu", "vulkan", "vulkan:1" … "" and
	// "auto" take the best there is.
	Backend string

	// Device, if not nil, is an open device to use instead of Backend and Driver.
	// It stays open when the model is closed.
	Device backend.Backend

	// Driver is what the device is opened with.
	Driver backend.Options

	// Hub says where models named ORG/NAME are kept and downloaded from. The zero
	// value is what the environment says.
	Hub hub.Options

	// Checkpoint says how the files are opened, which adapters are added to them, by folder or by their name in
	// the hub, and what the matrices are packed as.
	Checkpoint checkpoint.Options

	// Text says that texts will be given: a checkpoint whose tokenizer is missing, or
	// cannot be read, is then an error before any weights are loaded. Otherwise it
	// takes token ids.
	Text bool

	// Load says how the weights are laid out on the device.
	Load model.LoadOptions

	// Engine says how the model is run. Its Draft is what Draft below names.
	Engine engine.Options

	// Draft says which model guesses what this one writes, none by default.
	Draft DraftOptions
}

// A Model is a loaded checkpoint on a device. It is safe for concurrent use.
type Model struct {
	e     *engine.Engine
	ck    checkpoint.Checkpoint
	ownsB bool
	tok   *tokenizer.Tokenizer // nil where the checkpoint has none that can be read
	noTok error                // why

	fingerprint func() (string, error)

	vocabOnce sync.Once
	vocab     *constrain.Vocab // of tok, for grammars

	mu     sync.Mutex
	closed bool

	// device guards what is opened anew when the device was lost.
	device sync.Mutex
	m      *model.Model
	draft  *model.Model // that guesses; nil for none
	b      backend.Backend

	draftFiles checkpoint.Checkpoint // of draft
}

// ErrClosed is what calls on a closed model or session return, and what ends the
// loops of those that generate.
var ErrClosed = engine.ErrClosed

// ErrBusy is what calls return that would change the text of a session while it
// generates.
var ErrBusy = engine.ErrBusy

// ErrQueueFull is what a request gets where as many wait as Options.Engine allows. Its
// session is as it was.
var ErrQueueFull = engine.ErrQueueFull

// Stats say what a model's engine does and did.
type Stats = engine.Stats

// Stats returns what the model is busy with and what it did since it was opened.
func (m *Model) Stats() Stats { return m.e.Stats() }

// Open loads a model by name: a folder that holds config.json and safetensors
// files, a GGUF file, a model of the Hugging Face hub (see Locate), or random
// weights for tests and measurements ("random:7b", "random:1.4b",
// "random:130m", "random:PATH/config.json").
//
// Files of weights are mapped. They must not be truncated or written to while the
// model is open: the system ends a program that touches pages which are gone, with
// SIGBUS on Unix. Where that can happen, Options.Checkpoint.NoMap reads them; its
// comment says what it costs, and what happens where.
func Open(ctx context.Context, name string, o *Options) (*Model, error) {
	o = orZero(o)
	ck, err := OpenFiles(ctx, name, o.Checkpoint, o.Hub)
	if err != nil {
		return nil, err
	}
	return openCheckpoint(ctx, ck, name, o)
}

// OpenFS loads a model from the root of a file system, such as an embedded
// folder.
func OpenFS(ctx context.Context, fsys fs.FS, o *Options) (*Model, error) {
	o = orZero(o)
	ck, err := OpenFilesFS(ctx, fsys, o.Checkpoint, o.Hub)
	if err != nil {
		return nil, err
	}
	return openCheckpoint(ctx, ck, "the checkpoint", o)
}

// openCheckpoint loads ck, which errors call name. It owns ck from here on.
func openCheckpoint(ctx context.Context, ck checkpoint.Checkpoint, name string, o *Options) (*Model, error) {
	m := &Model{ck: ck}
	m.fingerprint = sync.OnceValues(func() (string, error) { return checkpoint.Fingerprint(ck) })
	if m.tok, m.noTok = loadTokenizer(ck); m.noTok != nil {
		m.noTok = textError{fmt.Errorf("%s %w", name, m.noTok)}
		if o.Text {
			return nil, errors.Join(m.noTok, ck.Close())
		}
	}
	if err := m.openDraft(ctx, o); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	if err := m.load(ctx, *o); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// ErrNoTokenizer is what calls that take text return where a model takes token ids alone.
var ErrNoTokenizer = errors.New("the model has no tokenizer that can be used: give token ids")

// A textError is an ErrNoTokenizer that says why.
type textError struct{ error }

func (e textError) Is(target error) bool { return target == ErrNoTokenizer }
func (e textError) Unwrap() error        { return e.error }

var errNoTokenizer = errors.New("has no tokenizer: give token ids")

// loadTokenizer returns a checkpoint's tokenizer, or how it has none that is of use.
func loadTokenizer(ck checkpoint.Checkpoint) (*tokenizer.Tokenizer, error) {
	files := ck.Files()
	if files == nil {
		return nil, errNoTokenizer
	}
	tok, err := tokenizer.Load(files, ".")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errNoTokenizer
	case err != nil:
		return nil, fmt.Errorf("has a tokenizer that cannot be used: %w; give token ids", err)
	case tok.OwnVocabSize() > ck.Config().VocabSize:
		return nil, fmt.Errorf("has a tokenizer with ids up to %d, and vocab_size is %d: "+
			"they do not belong together; give token ids", tok.OwnVocabSize()-1, ck.Config().VocabSize)
	}
	return tok, nil
}

func (m *Model) load(ctx context.Context, o Options) (err error) {
	if m.b = o.Device; m.b == nil {
		if m.b, err = backend.Open(o.Backend, o.Driver); err != nil {
			return err
		}
		m.ownsB = true
	}
	if err := o.Engine.Validate(); err != nil {
		return err
	}
	m.m, err = model.Load(ctx, m.b, m.ck, o.Load)
	if err != nil {
		return err
	}
	if err = m.loadDraft(ctx, o.Load); err != nil {
		return err
	}
	o.Engine.Draft = m.draft
	if m.e, err = engine.New(m.m, o.Engine); err != nil {
		return err
	}
	if m.ownsB {
		m.e.RecoverWith(func() (own, draft *model.Model, err error) { return m.reopen(&o) })
	}
	return m.keepIn(o.Engine.Cache)
}

// reopen loads the model again, and the draft model, on the device opened anew.
func (m *Model) reopen(o *Options) (own, draft *model.Model, err error) {
	m.device.Lock()
	defer m.device.Unlock()
	for _, after := range reopenAfter {
		_ = m.release() // of a lost device
		m.m, m.draft, m.b = nil, nil, nil
		time.Sleep(after)
		if m.b, err = backend.Open(o.Backend, o.Driver); err != nil {
			continue
		}
		if m.m, err = model.Load(context.Background(), m.b, m.ck, o.Load); err == nil {
			err = m.loadDraft(context.Background(), o.Load)
		}
		if err == nil {
			break
		}
	}
	return m.m, m.draft, err
}

// reopenAfter is how long to wait each time before a lost device is opened: its reset may
// take seconds.
var reopenAfter = []time.Duration{0, time.Second, 5 * time.Second}

// release closes the loaded model, and its device if that is the model's own.
func (m *Model) release() error {
	var errs []error
	for _, loaded := range []*model.Model{m.draft, m.m} {
		if loaded != nil {
			errs = append(errs, loaded.Close())
		}
	}
	if m.ownsB && m.b != nil {
		errs = append(errs, m.b.Close())
	}
	return errors.Join(errs...)
}

func orZero(o *Options) *Options {
	if o == nil {
		return &Options{}
	}
	return o
}

// Config returns the model's configuration, which must not be changed.
func (m *Model) Config() *checkpoint.Config { return m.ck.Config() }

// Generation returns what the checkpoint says about generating text.
func (m *Model) Generation() *checkpoint.GenerationConfig { return m.ck.Generation() }

// Warnings lists what the user should be told about the checkpoint.
func (m *Model) Warnings() []string {
	warnings := slices.Clone(m.ck.Warnings())
	if m.noTok != nil && !errors.Is(m.noTok, errNoTokenizer) {
		warnings = append(warnings, m.noTok.Error())
	}
	return warnings
}

// Notes lists what was decided on the way from the files to the device, for
// people who ask for details.
func (m *Model) Notes() []string {
	m.device.Lock()
	defer m.device.Unlock()
	notes := checkpoint.Notes(m.ck)
	if m.m != nil {
		notes = slices.Concat(notes, m.m.Notes())
	}
	return notes
}

// Checkpoint returns the files behind the model, open until Close.
func (m *Model) Checkpoint() checkpoint.Checkpoint { return m.ck }

// Tokenizer returns the model's tokenizer, or nil where the checkpoint has none, or none that
// can be read, of which Warnings says why.
func (m *Model) Tokenizer() *tokenizer.Tokenizer { return m.tok }

// Backend returns the device that the model runs on. If that is lost, and was not handed in
// with Options, the model opens it anew, loads its weights again, and sessions go on.
func (m *Model) Backend() backend.Backend {
	m.device.Lock()
	defer m.device.Unlock()
	return m.b
}

// Chunk returns how many tokens a pass reads at most.
func (m *Model) Chunk() int { return m.e.Chunk() }

// Fingerprint identifies the checkpoint: its config and its tensors. It is
// computed when it is first asked for.
func (m *Model) Fingerprint() (string, error) { return m.fingerprint() }

// Encode returns the ids of text, special tokens recognised.
func (m *Model) Encode(text string) ([]int32, error) {
	if m.tok == nil {
		return nil, m.noTok
	}
	return m.encode(text, tokenizer.EncodeOptions{AddSpecial: true})
}

// encode returns the ids of text, or says which token of it the model does not have: a
// tokenizer may know tokens that its model was not made larger for.
func (m *Model) encode(text string, o tokenizer.EncodeOptions) ([]int32, error) {
	ids := m.tok.Encode(text, o)
	vocab := m.Config().VocabSize
	if m.tok.VocabSize() <= vocab {
		return ids, nil
	}
	for _, id := range ids {
		if int(id) >= vocab {
			token, _ := m.tok.Token(id)
			return nil, fmt.Errorf("the text has the token %q, which is id %d: the model's vocab_size is %d, "+
				"so it has none for it", token, id, vocab)
		}
	}
	return ids, nil
}

// Shutdown lets what generates come to its end and begins nothing, then closes the
// model. If ctx ends first, the loops that are left end with ErrClosed.
func (m *Model) Shutdown(ctx context.Context) error {
	return errors.Join(m.e.Shutdown(ctx), m.Close())
}

// Close frees the model. Loops that generate end with ErrClosed. Sessions are of no
// use afterwards.
func (m *Model) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil
	}
	m.closed = true
	var errs []error
	if m.e != nil {
		errs = append(errs, m.e.Close())
	}
	m.device.Lock()
	defer m.device.Unlock()
	errs = append(errs, m.release(), m.ck.Close())
	if m.draftFiles != nil {
		errs = append(errs, m.draftFiles.Close())
	}
	return errors.Join(errs...)
}
