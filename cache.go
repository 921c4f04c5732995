package falconmamba

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"falconmamba/engine"
	"falconmamba/engine/statecache"
)

// stateSuffix ends the names of states' files.
const stateSuffix = ".state"

// keepIn opens the farthest place of the cache, if there is to be one.
func (m *Model) keepIn(o engine.CacheOptions) error {
	if o.Off || o.Dir == "" && o.Store == nil {
		return nil
	}
	key, err := m.cacheKey()
	if err != nil {
		return err
	}
	store := o.Store
	if store == nil {
		f := statecache.FolderOptions{Suffix: stateSuffix, Budget: o.Budget()}
		if store, err = statecache.OpenFolder(o.Dir, f); err != nil {
			return err
		}
	}
	states, err := statecache.NewStates(store, key, statecache.Format[[]float32]{
		Write: func(text []int32, state []float32) ([]byte, error) {
			n := Snapshot{m: m, at: engine.Snapshot{Tokens: text, Fed: len(text), State: state}, typ: m.e.StateType(),
				key: key}
			var b bytes.Buffer
			b.Grow(4*len(state) + 4*len(text) + 64<<10)
			_, err := n.WriteTo(&b)
			return b.Bytes(), err
		},
		Read: func(data []byte) ([]int32, []float32, error) { return m.readCached(data, key) },
	})
	if err != nil {
		return err
	}
	m.e.KeepIn(states)
	return nil
}

// cacheKey names all that the model's states depend on: the checkpoint as it was loaded, and
// what it is computed with.
func (m *Model) cacheKey() (string, error) {
	print, err := m.Fingerprint()
	return keyOf(print, m.e.Arithmetic()), err
}

func keyOf(fingerprint, arithmetic string) string {
	sum := sha256.Sum256([]byte(fingerprint + "\x00" + arithmetic))
	return hex.EncodeToString(sum[:8])
}

// readCached reads a state of the farthest place.
func (m *Model) readCached(data []byte, key string) (text []int32, state []float32, err error) {
	n, err := m.ReadSnapshot(data)
	switch {
	case err != nil:
		return nil, nil, err
	case n.key != key:
		return nil, nil, fmt.Errorf("a state of the cache %.16q, want %q", n.key, key)
	case n.at.Fed != len(n.at.Tokens):
		return nil, nil, errors.New("a state that has not seen its text")
	}
	return n.at.Tokens, n.at.State, nil
}
