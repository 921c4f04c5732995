package falconmamba

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"falconmamba/checkpoint"
	"falconmamba/model"
	"falconmamba/text/tokenizer"
)

// DraftOptions say which model guesses what another one writes: one that is much smaller and has the
// same tokenizer. Both lie on one device. Texts stay what they are without, within what
// engine.Options.Speculate says, which has to allow guesses; engine.Options.Draft says what memory it takes.
type DraftOptions struct {
	Model      string             // a name as Open takes it; "" for none, unless there is FS
	FS         fs.FS              // the root of a checkpoint, as OpenFS takes it, in place of Model
	Checkpoint checkpoint.Options // how its files are opened
}

// Drafts reports whether a draft model guesses for the model.
func (m *Model) Drafts() bool { return m.draftFiles != nil }

// openDraft opens the files of the draft model, if there is to be one, and compares its tokens with the model's.
func (m *Model) openDraft(ctx context.Context, o *Options) (err error) {
	d := o.Draft
	name := d.Model
	switch {
	case d.FS != nil:
		name = "the draft model"
		m.draftFiles, err = OpenFilesFS(ctx, d.FS, d.Checkpoint, o.Hub)
	case name != "":
		m.draftFiles, err = OpenFiles(ctx, name, d.Checkpoint, o.Hub)
	default:
		return nil
	}
	if err != nil {
		return fmt.Errorf("the draft model: %w", err)
	}
	tok, err := loadTokenizer(m.draftFiles)
	switch {
	case errors.Is(err, errNoTokenizer) || err == nil && m.tok == nil:
		return nil // the engine compares how many tokens they have
	case err != nil:
		return fmt.Errorf("the draft model %s %w", name, err)
	}
	return sameTokens(m.tok, tok)
}

// sameTokens refuses a draft model's tokenizer that has another token somewhere.
func sameTokens(tok, draft *tokenizer.Tokenizer) error {
	for id := range int32(max(tok.VocabSize(), draft.VocabSize())) {
		a, have := tok.Token(id)
		if b, has := draft.Token(id); a != b || have != has {
			return fmt.Errorf("token %d of the draft model is %s, and of the model %s: "+
				"want a draft model of the same tokenizer", id, quoted(b, has), quoted(a, have))
		}
	}
	return nil
}

func quoted(token string, has bool) string {
	if !has {
		return "none"
	}
	return fmt.Sprintf("%q", token)
}

// loadDraft loads the draft model, if there is one, onto the model's device.
func (m *Model) loadDraft(ctx context.Context, o model.LoadOptions) (err error) {
	if m.draftFiles == nil {
		return nil
	}
	o.Progress = nil
	if m.draft, err = model.Load(ctx, m.b, m.draftFiles, o); err != nil {
		return fmt.Errorf("the draft model: %w", err)
	}
	return nil
}
