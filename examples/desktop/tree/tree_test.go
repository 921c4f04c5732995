package tree

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
)

func TestTree(t *testing.T) {
	x := New(100)
	a := x.Add(x.Root(), "a")
	a.Written = "A"
	b := x.Add(a, "b")
	b.Written = "B"
	c := x.Add(a, "c")
	if Text(b) != "aAbB" || Text(c) != "aAc" || Text(x.Root()) != "" {
		t.Errorf("texts are %q, %q", Text(b), Text(c))
	}
	if x.Find(b.ID) != b || x.Find(0) != x.Root() || x.Find(99) != nil {
		t.Error("turns are not found by their IDs")
	}
	x.Keep(a, make([]byte, 40))
	x.Keep(b, make([]byte, 40))
	if s, at := x.State(c); len(s) != 40 || at != a { // which uses it
		t.Errorf("the state before c is that of %v", at)
	}
	x.Keep(c, make([]byte, 40)) // b's goes
	if _, at := x.State(b); at != a {
		t.Errorf("the state before b is that of turn %d, want %d", at.ID, a.ID)
	}
	if n, bytes, _ := x.Kept(); n != 2 || bytes != 80 {
		t.Errorf("%d states of %d bytes", n, bytes)
	}
	x.Keep(b, make([]byte, 101))
	if n, bytes, _ := x.Kept(); n != 2 || bytes != 80 {
		t.Errorf("after one that does not fit %d states of %d bytes", n, bytes)
	}
	x.Remove(a)
	x.Remove(x.Root())
	if n, bytes, _ := x.Kept(); n != 0 || bytes != 0 || len(x.Root().Children) != 0 {
		t.Errorf("after the turns went %d states of %d bytes", n, bytes)
	}
	d := x.Add(x.Root(), "d")
	d.Tokens = []int32{1}
	x.Keep(d, make([]byte, 1))
	x.Forget()
	if s, at := x.State(d); s != nil || at != x.Root() || d.Tokens != nil {
		t.Error("a forgotten state is there")
	}
}

func TestRows(t *testing.T) {
	x := New(100)
	a := x.Add(x.Root(), "a")
	b := x.Add(a, "b")
	c := x.Add(b, "c")
	x.Add(b, "d")
	e := x.Add(c, "e")
	x.Keep(e, []byte{1})
	var got []string
	for _, r := range x.Rows(c) {
		s := strings.Repeat(" ", r.Depth) + r.Typed
		if r.Branch {
			s += "+"
		}
		if r.Last {
			s += "."
		}
		if r.OnPath {
			s += "*"
		}
		if r.Here {
			s += "<"
		}
		if r.Ready {
			s += "!"
		}
		got = append(got, s+fmt.Sprint(r.Open))
	}
	want := ".*![] a.*[] b.*[] c+*<[] e.![true] d+.[]"
	if g := strings.Join(strings.Fields(strings.Join(got, " ")), " "); g != want {
		t.Errorf("%q, want %q", g, want)
	}
}

// Whatever is done, states stay within the limit, and are counted right.
func TestBound(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	x := New(1000)
	nodes := []*Node{x.Root()}
	for range 2000 {
		n := nodes[r.Intn(len(nodes))]
		switch r.Intn(8) {
		case 0:
			x.Remove(n)
			if nodes = nil; true {
				x.each(x.Root(), func(n *Node) { nodes = append(nodes, n) })
			}
		case 1:
			x.State(n)
		case 2, 3, 4:
			if n.Parent != nil {
				x.Keep(n, make([]byte, 1+r.Intn(300)))
			}
		default:
			nodes = append(nodes, x.Add(n, "x"))
		}
		var bytes int64
		states := 0
		x.each(x.Root(), func(n *Node) {
			bytes += int64(len(n.state))
			if n.state != nil {
				states++
			}
		})
		if n, b, limit := x.Kept(); b != bytes || n != states || b > limit {
			t.Fatalf("%d states of %d bytes, counted as %d of %d, of at most %d", states, bytes, n, b, limit)
		}
	}
}
