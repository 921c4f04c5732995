//go:build cgo

package main

import (
	"fmt"
	"math"
	"sync"
)

// A kind says what a handle stands for.
type kind uint8

// The kinds.
const (
	_ kind = iota
	kindModel
	kindSession
	kindGeneration
	kindSnapshot
	kindChat
	kindCancel
)

var kindNames = [...]string{"", "fm_model", "fm_session", "fm_generation", "fm_snapshot", "fm_chat", "fm_cancel"}

func (k kind) String() string { return kindNames[k] }

// A handle is what C holds of a value: its kind, its place in the table, and which of the values that
// had the place it is. As a pointer it is none of a 64-bit system's, so that who follows it is stopped there.
//
//	bits 56–63 kind, 24–55 generation, 0–23 place
type handle uint64

const (
	placeBits      = 24
	generationBits = 32
	places         = 1 << placeBits
)

func (h handle) kind() kind         { return kind(h >> (placeBits + generationBits)) }
func (h handle) generation() uint32 { return uint32(h >> placeBits) }
func (h handle) place() int         { return int(h % places) }

// A table has the values that handles stand for. It is safe for concurrent use.
type table struct {
	mu     sync.Mutex
	places []place
	free   []int
}

// A place holds one value after another. Its generation is how many it had.
type place struct {
	kind       kind
	generation uint32
	value      any // nil: free
}

var handles table

// add returns the handle of a value that is new.
func (t *table) add(k kind, value any) (handle, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var at int
	switch n := len(t.free); {
	case n > 0:
		at, t.free = t.free[n-1], t.free[:n-1]
	case len(t.places) == places:
		return 0, fmt.Errorf("%d handles are in use: free some", places)
	default:
		at = len(t.places)
		t.places = append(t.places, place{})
	}
	p := &t.places[at]
	p.kind, p.value = k, value
	p.generation++
	return handle(k)<<(placeBits+generationBits) | handle(p.generation)<<placeBits | handle(at), nil
}

// get returns what h stands for, if it is a k.
func (t *table) get(k kind, h handle) (any, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, err := t.find(k, h)
	if err != nil {
		return nil, err
	}
	return p.value, nil
}

// remove returns what h stands for, if it is a k, for the last time.
func (t *table) remove(k kind, h handle) (any, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p, err := t.find(k, h)
	if err != nil {
		return nil, err
	}
	value := p.value
	p.value = nil
	if p.generation < math.MaxUint32 { // else the place is used up: no handle of it comes twice
		t.free = append(t.free, h.place())
	}
	return value, nil
}

// find returns the place of h.
func (t *table) find(k kind, h handle) (*place, error) {
	if h == 0 {
		return nil, handleError(fmt.Sprintf("the %v is NULL", k))
	}
	if got := h.kind(); got == 0 || int(got) >= len(kindNames) || h.place() >= len(t.places) ||
		h.generation() == 0 || h.generation() > t.places[h.place()].generation {
		return nil, handleError(fmt.Sprintf("this is no handle of the library: want an %v", k))
	}
	p := &t.places[h.place()]
	switch {
	case p.value == nil || p.generation != h.generation():
		return nil, handleError(fmt.Sprintf("this %v was freed: want an %v that was not", h.kind(), k))
	case h.kind() != k || p.kind != k:
		return nil, handleError(fmt.Sprintf("this is an %v: want an %v", h.kind(), k))
	}
	return p, nil
}

// A handleError says why a handle stands for nothing.
type handleError string

func (e handleError) Error() string { return string(e) }
