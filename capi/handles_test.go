//go:build cgo

package main

import (
	"math"
	"strings"
	"testing"
)

// A place that was freed is used again, by another handle, and retired before a handle would come twice.
func TestHandles(t *testing.T) {
	var tab table
	a, err := tab.add(kindModel, "a")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := tab.get(kindModel, a); v != "a" || err != nil {
		t.Fatal(v, err)
	}
	refused := func(k kind, h handle, want string) {
		t.Helper()
		if v, err := tab.get(k, h); v != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%#x as %v is %v, %v; want %q", uint64(h), k, v, err, want)
		}
	}
	refused(kindSession, a, "this is an fm_model: want an fm_session")
	refused(kindModel, 0, "is NULL")
	refused(kindModel, a+1, "no handle")
	refused(kindModel, a+1<<placeBits, "no handle") // of a generation to come
	refused(kindModel, a&^(0xff<<56), "no handle")
	if _, err := tab.remove(kindModel, a); err != nil {
		t.Fatal(err)
	}
	b, _ := tab.add(kindChat, "b")
	if b.place() != a.place() || b == a {
		t.Fatalf("handle %#x after %#x", uint64(b), uint64(a))
	}
	refused(kindModel, a, "this fm_model was freed")
	refused(kindChat, a, "was freed")
	if _, err := tab.remove(kindModel, a); err == nil {
		t.Error("freed twice")
	}

	tab.places[b.place()].generation = math.MaxUint32 - 1
	if _, err := tab.remove(kindChat, handle(kindChat)<<56|(math.MaxUint32-1)<<placeBits); err != nil {
		t.Fatal(err)
	}
	c, _ := tab.add(kindChat, "c")
	if c.generation() != math.MaxUint32 {
		t.Fatalf("generation %d", c.generation())
	}
	if _, err := tab.remove(kindChat, c); err != nil {
		t.Fatal(err)
	}
	if d, _ := tab.add(kindChat, "d"); d.place() == c.place() {
		t.Error("the place is used beyond its last generation")
	}
}

// A panic ends in the call, and says where it came from.
func TestGuarded(t *testing.T) {
	err := guarded(func() error {
		_ = make([]int, 1)[len("out of range")]
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "out of range") || !strings.Contains(err.Error(), "TestGuarded") {
		t.Error(err)
	}
	if got := statusOf(err); got != -12 {
		t.Errorf("status %d", got)
	}
	if got := cut("ab€", 4); got != "a…" {
		t.Errorf("cut: %q", got)
	}
	if got := oneLine("a\r\nb\x00c\xff"); got != "a; b; c\uFFFD" {
		t.Errorf("one line: %q", got)
	}
}
