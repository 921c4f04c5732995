package statecache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// States are those of one key in a store, which is the last place of a cache. A state is known by its
// name alone: the key, the number of tokens and a hash of them. It is taken for what its name says
// only once it was read whole and its text compared. They are safe for concurrent use.
type States[S any] struct {
	store  Store
	key    string
	format Format[S]
}

// A Format makes values of states, and states of values.
type Format[S any] struct {
	Write func(text []int32, state S) ([]byte, error)
	// Read returns what Write wrote, or an error where that is damaged or of another key.
	Read func(data []byte) (text []int32, state S, err error)
}

// NewStates returns the states of a store under key, the fingerprint of all that computes them, in
// hexadecimal: those of other keys are left alone.
func NewStates[S any](store Store, key string, f Format[S]) (*States[S], error) {
	if len(key) > 64 || key == "" || strings.Trim(key, "0123456789abcdef") != "" {
		return nil, fmt.Errorf("a cache of states under the key %q: want one in hexadecimal", key)
	}
	return &States[S]{store, key, f}, nil
}

// A digest is a rolling hash of tokens.
type digest uint64

// add returns the hash of a text that goes on with id (FNV-1a, byte by byte).
func (d digest) add(id int32) digest {
	for shift := 0; shift < 32; shift += 8 {
		d = (d ^ digest(byte(uint32(id)>>shift))) * 1099511628211
	}
	return d
}

const emptyDigest digest = 14695981039346656037

// name returns the name of the state after text.
func (s *States[S]) name(text []int32) string {
	h := emptyDigest
	for _, id := range text {
		h = h.add(id)
	}
	return s.nameOf(len(text), h)
}

func (s *States[S]) nameOf(n int, h digest) string {
	return fmt.Sprintf("%s-%010d-%016x", s.key, n, uint64(h))
}

// The store is asked for so many lengths of a text at once, the longest first: what a conversation
// goes on from is near its end.
const (
	firstLengths = 512
	mostLengths  = 16384
)

// Find returns the state after the longest beginning of text, of least to most tokens, that the
// store has, and how many tokens it has seen: 0 for none. States that are damaged are
// removed, and err says so beside what was found.
func (s *States[S]) Find(ctx context.Context, text []int32, least, most int) (n int, state S, err error) {
	least, most = max(least, 1), min(most, len(text))
	digests := make([]digest, 1, max(most, 0)+1)
	digests[0] = emptyDigest
	for i := range most {
		digests = append(digests, digests[i].add(text[i]))
	}
	var errs []error
	for lengths := firstLengths; most >= least; {
		names := make([]string, 0, lengths)
		for n := most; n >= least && len(names) < lengths; n-- {
			names = append(names, s.nameOf(n, digests[n]))
		}
		i, err := s.store.First(ctx, names)
		if err != nil {
			return 0, state, errors.Join(append(errs, err)...)
		}
		if i < 0 {
			most -= len(names)
			lengths = min(lengths*8, mostLengths)
			continue
		}
		most -= i
		state, err := s.read(ctx, names[i], text[:most])
		if err == nil {
			return most, state, errors.Join(errs...)
		}
		if !errors.Is(err, fs.ErrNotExist) { // another process may have removed it
			errs = append(errs, err)
		}
		if !lost(err) {
			break
		}
		most--
	}
	return 0, state, errors.Join(errs...)
}

// read reads the state after text.
func (s *States[S]) read(ctx context.Context, name string, text []int32) (state S, err error) {
	data, err := s.store.Get(ctx, name)
	if err != nil {
		return state, err
	}
	got, state, err := s.format.Read(data)
	if err == nil && !slices.Equal(got, text) {
		err = errors.New("it is the state of another text than its name says")
	}
	if err != nil {
		_, gone := s.store.Remove(ctx, name)
		return state, errors.Join(fmt.Errorf("%s is removed: %w: %w", name, ErrDamaged, err), gone)
	}
	return state, nil
}

// Put writes the state after text, unless there is one.
func (s *States[S]) Put(ctx context.Context, text []int32, state S) error {
	name := s.name(text)
	if i, err := s.store.First(ctx, []string{name}); err != nil || i == 0 {
		return err
	}
	data, err := s.format.Write(text, state)
	if err != nil {
		return err
	}
	return s.store.Put(ctx, name, data)
}
