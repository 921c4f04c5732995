package hub

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestListAndRemove(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	o := h.options()
	checkListAndRemove(t, h, o)

	// Where no symbolic links can be had the same bytes have two names.
	o.link = func(string, string) error { return errors.New("no right to") }
	checkListAndRemove(t, h, o)
}

func checkListAndRemove(t *testing.T, h *fakeHub, o Options) {
	t.Helper()
	if all, err := List(o); err != nil || len(all) != 0 {
		t.Errorf("an empty cache has %v, %v", all, err)
	}
	dir := mustFetch(t, "org/name", o)
	mustFetch(t, "org/name@v2/next", o)
	for _, other := range []string{"datasets--org--name", "models--nothing", "models--a--b--c"} {
		if err := os.MkdirAll(filepath.Join(o.Cache, other), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	half := filepath.Join(o.Cache, "models--org--name", "blobs", "0123"+partial)
	if err := os.WriteFile(half, make([]byte, 1000), 0o666); err != nil {
		t.Fatal(err)
	}
	all, err := List(o)
	if err != nil || len(all) != 1 {
		t.Fatalf("the cache has %+v, %v", all, err)
	}
	c := all[0]
	least := int64(len(h.files[shard1]) + len(h.files[shard2]))
	if c.Name != "org/name" || c.Bytes < least || c.Bytes > least+3000 || c.Partial != 1000 || len(c.Revisions) != 1 {
		t.Errorf("the model is %+v", c)
	}
	r := c.Revisions[0]
	if r.Commit != testCommit || r.Folder != dir || !slices.Contains(r.Files, shard1) ||
		!slices.Equal(r.Refs, []string{"main", "v2/next"}) {
		t.Errorf("its revision is %+v", r)
	}
	if _, err := Find("org/other", o); !errors.Is(err, ErrNotFound) {
		t.Errorf("a model that is not there: %v", err)
	}
	found, err := Find("org/name@main", o)
	if err != nil {
		t.Fatal(err)
	}
	if err := found.Remove(); err != nil {
		t.Fatal(err)
	}
	if all, err := List(o); err != nil || len(all) != 0 {
		t.Errorf("after it was removed: %v, %v", all, err)
	}
	if err := (Cached{Folder: t.TempDir()}).Remove(); err == nil {
		t.Error("another folder was removed")
	}
}

// Whoever is asked learns what is to come, and may refuse: then nothing of the weights is asked for.
func TestConfirm(t *testing.T) {
	h := newFakeHub(t, modelFiles())
	o := h.options()
	no := errors.New("no")
	var plan Plan
	o.Confirm = func(p Plan) error { plan = p; return no }
	if _, err := Fetch(context.Background(), "org/name", o); err != no {
		t.Errorf("got error %v, want the answer", err)
	}
	size := int64(len(h.files[shard1]) + len(h.files[shard2]))
	if plan.Name != "org/name" || plan.Total != size || plan.Need != size || len(plan.Files) != 2 {
		t.Errorf("the plan is %+v", plan)
	}
	checkFiles(t, plan.Folder, h, "config.json")
	for _, r := range h.requests() {
		if filepath.Base(r) == shard1 || filepath.Base(r) == shard2 {
			t.Errorf("%s was asked for", r)
		}
	}
	asked := 0
	o.Confirm = func(Plan) error { asked++; return nil }
	mustFetch(t, "org/name", o)
	mustFetch(t, "org/name", o)
	if asked != 1 {
		t.Errorf("asked %d times for one download", asked)
	}
}
